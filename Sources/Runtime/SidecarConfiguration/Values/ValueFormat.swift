import Encodings
import EventModel

/// Parses and formats values of one type for flags, environment and file. Parsing is strict: an
/// inexact value is refused, not guessed.
struct ValueFormat<Value: Sendable>: Sendable {
  /// Its placeholder in help.
  let placeholder: String
  /// The allowed values, to be read after "allowed: ".
  let allowed: String
  /// Nil if the text is not a value.
  let parse: @Sendable (String) -> Value?
  /// Formats as `parse` reads; empty for no value.
  let write: @Sendable (Value) -> String
  /// An example, for documentation.
  let example: String

  init(
    placeholder: String, allowed: String, parse: @escaping @Sendable (String) -> Value?,
    write: @escaping @Sendable (Value) -> String, example: String = ""
  ) {
    self.placeholder = placeholder
    self.allowed = allowed
    self.parse = parse
    self.write = write
    self.example = example
  }
}

extension ValueFormat {
  /// An optional value: may be left out, but not be empty.
  static func optional<Wrapped>(
    _ format: ValueFormat<Wrapped>
  ) -> ValueFormat where Value == Wrapped? {
    ValueFormat(
      placeholder: format.placeholder, allowed: format.allowed,
      parse: { text in format.parse(text).map(Optional.some) },
      write: { $0.map(format.write) ?? "" }, example: format.example)
  }

  /// A case of an enumeration, by name.
  static func choice() -> ValueFormat
  where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    let names = Value.allCases.map(\.rawValue)
    return ValueFormat(
      placeholder: names.joined(separator: "|"),
      allowed: names.dropLast().joined(separator: ", ") + " or " + (names.last ?? ""),
      parse: { Value(rawValue: $0) }, write: { $0.rawValue })
  }
}

extension ValueFormat<Bool> {
  static let boolean = ValueFormat(
    placeholder: "true|false", allowed: "true or false",
    parse: { text in text == "true" ? true : text == "false" ? false : nil },
    write: { String($0) })
}

extension ValueFormat<Int> {
  /// Decimal digits only: no sign, no blanks.
  static func integer(_ range: ClosedRange<Int>) -> ValueFormat {
    ValueFormat(
      placeholder: "NUMBER",
      allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)",
      parse: { text in Int(digits: text.utf8).flatMap { range.contains($0) ? $0 : nil } },
      write: { String($0) })
  }

  static let port = ValueFormat(
    placeholder: "PORT", allowed: "a port from 0 to 65535",
    parse: integer(0...65535).parse, write: { String($0) })
}

extension ValueFormat<String> {
  /// A word that needs no quotes in a log line, a path or a message.
  static let name = ValueFormat(
    placeholder: "NAME",
    allowed: "a name of 1 to 255 letters, digits and the characters . : _ -",
    parse: { text in
      let plain = text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: ".:_-".utf8.contains(byte)
        }
      }
      return plain && (1...255).contains(text.utf8.count) ? text : nil
    },
    write: { $0 }, example: "bank")
}

extension ValueFormat<String> {
  static let path = ValueFormat(
    placeholder: "FILE", allowed: "the path of a file",
    parse: { $0.isEmpty || $0.utf8.contains(0) ? nil : $0 }, write: { $0 },
    example: "/etc/outrider/file")

  /// Any text that is not empty.
  static let words = ValueFormat(
    placeholder: "TEXT", allowed: "a text", parse: { $0.isEmpty ? nil : $0 }, write: { $0 },
    example: "outrider")
}

extension ValueFormat<Name> {
  /// A name that needs no quotes in a log line, a path or a message.
  static let name = ValueFormat<String>.name.named

  /// Any text that is not empty.
  static let words = ValueFormat<String>.words.named
}

extension ValueFormat<String> {
  fileprivate var named: ValueFormat<Name> {
    ValueFormat<Name>(
      placeholder: placeholder, allowed: allowed, parse: { [parse] in parse($0).map { Name($0) } },
      write: { [write] in write($0.text) }, example: example)
  }
}
