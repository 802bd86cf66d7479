import EventModel
import JSON

/// A condition whose field is resolved, with values of the field's type.
struct Condition: Sendable {
  enum Test: Sendable {
    case equals([Scalar])
    case over(Scalar)
    case under(Scalar)
    case present(Bool)
  }

  var reference: FoundReference
  var tests: [Test]

  func holds(for occurrence: Occurrence) -> Bool {
    let value = reference.value(in: occurrence)
    let scalar = value.flatMap { Scalar($0, reference.shape) }
    return tests.allSatisfy { test in
      switch (test, scalar) {
      case (.present(let isPresent), _): (value != nil) == isPresent
      case (.equals(let values), let scalar?): values.contains(scalar)
      case (.over(let bound), let scalar?): bound.isLess(than: scalar)
      case (.under(let bound), let scalar?): scalar.isLess(than: bound)
      case (_, nil): false
      }
    }
  }
}

/// A comparable single value.
enum Scalar: Equatable, Sendable {
  case flag(Bool)
  case whole(Int128)
  case real(Double)
  case text(Name)

  /// Nil if the value does not have the shape, or if the shape cannot be compared.
  init?(_ value: JSONValue, _ shape: JSONShape) {
    switch (shape, value) {
    case (.boolean, .bool(let flag)): self = .flag(flag)
    case (.integer, .number(let text)), (.integer, .string(let text)):
      guard let number = Int128(text) ?? Double(text).flatMap(Int128.init(exactly:)) else {
        return nil
      }
      self = .whole(number)
    case (.floating, .number(let text)), (.floating, .string(let text)):
      guard let number = Double(text) else { return nil }
      self = .real(number)
    case (.string, .string(let text)), (.enumeration, .string(let text)): self = .text(Name(text))
    default: return nil
    }
  }

  func isLess(than other: Scalar) -> Bool {
    switch (self, other) {
    case (.whole(let left), .whole(let right)): left < right
    case (.real(let left), .real(let right)): left < right
    default: false
    }
  }
}

extension JSONShape {
  /// Parses a written value as the shape. Throws what the shape accepts.
  func literal(_ text: String) throws(RuleFlaw) -> JSONValue {
    switch self {
    case .boolean where text == "true" || text == "false": return .bool(text == "true")
    case .integer(let range):
      if let number = Int128(text), range.contains(number) { return .integer(number) }
    case .floating:
      if ["NaN", "Infinity", "-Infinity"].contains(text) { return .string(text) }
      if let number = Double(text), number.isFinite { return .number(number.description) }
    case .string: return .string(text)
    case .enumeration(let symbols) where symbols.contains(text): return .string(text)
    case .optional(let shape): return text == "null" ? .null : try shape.literal(text)
    case .boolean, .enumeration, .bytes, .list, .map, .record, .other: break
    }
    throw RuleFlaw("\(JSONValue.string(text).text) is here, and \(self) is expected")
  }
}
