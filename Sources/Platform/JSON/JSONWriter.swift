import Encodings

extension JSONValue {
  /// Compact JSON on one line.
  public var text: String {
    var bytes: [UInt8] = []
    write(to: &bytes, indent: nil)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Indented JSON, for people.
  public var prettyText: String {
    var bytes: [UInt8] = []
    write(to: &bytes, indent: 0)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends the value; with an indent, each element on a line of its own.
  private func write(to bytes: inout [UInt8], indent: Int?) {
    switch self {
    case .null: bytes += "null".utf8
    case .bool(let value): bytes += (value ? "true" : "false").utf8
    case .number(let text): bytes += text.utf8
    case .string(let text): bytes.appendJSONString(text)
    case .array(let elements):
      writeList(elements, "[", "]", to: &bytes, indent: indent) { element, bytes, inner in
        element.write(to: &bytes, indent: inner)
      }
    case .object(let members):
      writeList(members, "{", "}", to: &bytes, indent: indent) { member, bytes, inner in
        bytes.appendJSONString(member.name)
        bytes += (inner == nil ? ":" : ": ").utf8
        member.value.write(to: &bytes, indent: inner)
      }
    }
  }

  private func writeList<Element>(
    _ elements: [Element], _ open: String, _ close: String, to bytes: inout [UInt8], indent: Int?,
    _ writeElement: (Element, inout [UInt8], Int?) -> Void
  ) {
    let inner = elements.isEmpty ? nil : indent.map { $0 + 1 }
    bytes += open.utf8
    for (index, element) in elements.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes.appendNewline(indent: inner)
      writeElement(element, &bytes, inner)
    }
    if inner != nil { bytes.appendNewline(indent: indent) }
    bytes += close.utf8
  }
}

extension [UInt8] {
  /// Appends a quoted JSON string. Escapes the characters that RFC 8259 section 7 requires, and
  /// all that control a display.
  public mutating func appendJSONString(_ text: String) {
    append(UInt8(ascii: "\""))
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": self += #"\""#.utf8
      case "\\": self += #"\\"#.utf8
      case "\n": self += #"\n"#.utf8
      case "\r": self += #"\r"#.utf8
      case "\t": self += #"\t"#.utf8
      case _ where scalar.controlsDisplay:
        // None lies beyond U+FFFF, so four digits suffice.
        self += "\\u\(Hexadecimal.encode(UInt16(scalar.value)))".utf8
      default: self += UTF8.encode(scalar)!  // Every scalar has an encoding in UTF-8.
      }
    }
    append(UInt8(ascii: "\""))
  }

  fileprivate mutating func appendNewline(indent: Int?) {
    guard let indent else { return }
    append(UInt8(ascii: "\n"))
    self += repeatElement(UInt8(ascii: " "), count: 2 * indent)
  }
}
