import EventModel
import JSON
import Wire

/// A reference, found in the schema of the trigger's payload.
struct FoundReference: Sendable {
  enum Place: Sendable {
    case field(FieldPath)
    case fact(Reference.Fact)
  }

  let reference: Reference
  let place: Place
  /// True if the value may be missing, even where the rule's conditions hold.
  let mayBeMissing: Bool

  /// The shape of the value, if present.
  var shape: JSONShape {
    switch place {
    case .field(let path): path.shape
    case .fact(let fact): fact.shape
    }
  }

  /// The value; nil if it is missing.
  func value(in occurrence: Occurrence) -> JSONValue? {
    switch place {
    case .field(let path): path.value(in: occurrence.payload)
    case .fact(let fact): occurrence.fact(fact)
    }
  }

  /// The value as text, for a template.
  func text(in occurrence: Occurrence) throws(RuleFlaw) -> String {
    switch value(in: occurrence) {
    case .string(let text), .number(let text): return text
    case .bool(let flag): return "\(flag)"
    default: throw RuleFlaw("{\(reference)} has no value")
    }
  }

  /// The root that the value names: a UUID, a name, or 16 bytes.
  func root(in occurrence: Occurrence) throws(RuleFlaw) -> Root {
    guard case .bytes(let notation, _) = shape else {
      return try Root(naming: try text(in: occurrence), in: "{\(reference)}")
    }
    let bytes = notation.bytes(of: try text(in: occurrence))
    guard let root = Root(bytes) else {
      throw RuleFlaw("{\(reference)} has \(bytes.count) bytes; a root has \(Root.byteCount)")
    }
    return root
  }

  /// True if a template may contain the value.
  var isText: Bool {
    switch shape {
    case .boolean, .integer, .floating, .string, .enumeration: true
    case .bytes, .list, .map, .record, .optional, .other: false
    }
  }
}

/// A template whose references are resolved.
struct FoundText: Sendable {
  enum Part: Sendable {
    case text(String)
    case reference(FoundReference)
  }

  var parts: [Part]

  func text(in occurrence: Occurrence) throws(RuleFlaw) -> String {
    var whole = ""
    for part in parts {
      switch part {
      case .text(let text): whole += text
      case .reference(let reference): whole += try reference.text(in: occurrence)
      }
    }
    return whole
  }

  /// Parses the whole text as a root.
  func root(in occurrence: Occurrence) throws(RuleFlaw) -> Root {
    if parts.count == 1, case .reference(let reference) = parts[0] {
      return try reference.root(in: occurrence)
    }
    return try Root(naming: try text(in: occurrence), in: "to")
  }
}

extension Root {
  fileprivate init(naming name: String, in place: String) throws(RuleFlaw) {
    guard let root = Root(named: name) else {
      throw RuleFlaw(
        name.isEmpty
          ? "\(place) is empty, and names no aggregate"
          : "\(place) is longer than a name of an aggregate may be")
    }
    self = root
  }
}
