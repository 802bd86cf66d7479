import Encodings
import EventModel
import JSON

/// Copies values between payloads of two schemas.
struct Copying: Sendable {
  let source: any RecordShapes
  let target: any RecordShapes
  /// True if both are one schema: a value of the same shape is then copied as it is.
  let isWithinOneSchema: Bool

  // MARK: At check time

  /// Why some value of one shape would not fit the other; nil: all do.
  func flaw(from: JSONShape, to: JSONShape) -> String? {
    var seen: Set<[String]> = []
    return flaw(from, to, &seen)
  }

  private func flaw(_ from: JSONShape, _ to: JSONShape, _ seen: inout Set<[String]>) -> String? {
    if isWithinOneSchema, from == to { return nil }
    switch (from, to) {
    case (.optional(let from), .optional(let to)): return flaw(from, to, &seen)
    case (_, .optional(let to)): return flaw(from, to, &seen)
    case (.boolean, .boolean), (.string, .string), (.enumeration, .string), (.floating, .floating),
      (.integer, .floating), (.bytes, .bytes(_, count: nil)), (.bytes(_, count: nil), .bytes):
      return nil
    case (.integer(let from), .integer(let to))
    where to.contains(from.lowerBound) && to.contains(from.upperBound):
      return nil
    case (.bytes(_, let from), .bytes(_, let to)) where from == to: return nil
    case (.enumeration(let from), .enumeration(let to)) where from.allSatisfy(to.contains):
      return nil
    case (.other(let from), .other(let to)) where from == to: return nil
    case (.list(let from), .list(let to)), (.map(let from), .map(let to)):
      return flaw(from, to, &seen)
    case (.record(let from), .record(let to)):
      guard seen.insert([from, to]).inserted else { return nil }
      return flaw(ofRecord: from, to, &seen)
    default: return "it is \(from), and \(to) is expected"
    }
  }

  private func flaw(ofRecord from: String, _ to: String, _ seen: inout Set<[String]>) -> String? {
    let (fields, others) = (source.fields(of: from) ?? [], target.fields(of: to) ?? [])
    for field in fields {
      guard let other = others.first(where: field.isNamed) else {
        return "\(to) has no field \(field.ownName), as \(from) has"
      }
      if let flaw = flaw(field.shape, other.shape, &seen) { return "\(field.ownName): \(flaw)" }
      if field.mayBeAbsent, other.isRequired {
        return "\(field.ownName) may be missing in \(from), and is required in \(to)"
      }
    }
    let missing = others.first { other in
      other.isRequired && !fields.contains { $0.isNamed(other) }
    }
    return missing.map { "\(from) has no field \($0.ownName), which \(to) requires" }
  }

  // MARK: At run time

  /// Converts a value between shapes that `flaw` accepted.
  func copy(_ value: JSONValue, from: JSONShape, to: JSONShape) -> JSONValue {
    if isWithinOneSchema, from == to { return value }
    switch (from, to, value) {
    case (_, _, .null): return value
    case (.optional(let from), .optional(let to), _): return copy(value, from: from, to: to)
    case (_, .optional(let to), _): return copy(value, from: from, to: to)
    case (.integer, _, .string(let digits)): return .number(digits)
    case (.bytes(let from, _), .bytes(let to, _), .string(let text)) where from != to:
      return .string(bytes: from.bytes(of: text), to)
    case (.list(let from), .list(let to), .array(let elements)):
      return .array(elements.map { copy($0, from: from, to: to) })
    case (.map(let from), .map(let to), .object(let members)):
      return .object(members.map { .init($0.name, copy($0.value, from: from, to: to)) })
    case (.record(let from), .record(let to), _): return copy(record: value, from, to)
    default: return value
    }
  }

  private func copy(record: JSONValue, _ from: String, _ to: String) -> JSONValue {
    let others = target.fields(of: to) ?? []
    return .object(
      (source.fields(of: from) ?? []).compactMap { field in
        let zero = field.mayBeAbsent ? nil : field.zero
        guard let value = record[field.name] ?? zero, let other = others.first(where: field.isNamed)
        else { return nil }
        return .init(other.name, copy(value, from: field.shape, to: other.shape))
      })
  }
}

extension JSONField {
  /// True if both fields have the same name.
  fileprivate func isNamed(_ other: JSONField) -> Bool {
    ownName == other.ownName || name == other.name
  }
}

extension ByteNotation {
  /// The bytes of a text; empty if it is not in this notation.
  func bytes(of text: String) -> Bytes {
    switch self {
    case .base64: Base64.decode(text.utf8, .either) ?? []
    case .latin: text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    }
  }
}

extension JSONValue {
  static func string(bytes: Bytes, _ notation: ByteNotation) -> JSONValue {
    switch notation {
    case .base64: .string(base64: bytes)
    case .latin:
      .string(String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) })))
    }
  }
}
