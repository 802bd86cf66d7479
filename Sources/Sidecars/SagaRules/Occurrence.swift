import EventModel
import JSON

/// What happened, as rules see it: the payload of an event or of a command that ended, and facts
/// about it.
struct Occurrence: Sendable {
  var payload: JSONValue
  var cover: Cover
  var entity: Name?
  /// Of an event.
  var sequence: SequenceNumber?
  var time: String
  /// Of a refusal.
  var refusal: (code: String, message: String)?

  /// Nil where there is no such fact.
  func fact(_ fact: Reference.Fact) -> JSONValue? {
    switch fact {
    case .domain: .string(cover.domain.text)
    case .root: .string(cover.root.description)
    case .entity: entity.map { .string($0.text) }
    case .sequence: sequence.map { .integer($0.rawValue) }
    case .time: .string(time)
    case .message: refusal.map { .string($0.message) }
    case .code: refusal.map { .string($0.code) }
    }
  }
}

extension Reference.Fact {
  /// Whether a trigger has the fact.
  func isKnown(to end: Trigger.End?) -> Bool {
    switch self {
    case .domain, .root, .entity, .time: true
    case .sequence: end == nil
    case .message, .code: end == .refused
    }
  }

  /// The root is a string, save where bytes are expected.
  var shape: JSONShape {
    switch self {
    case .sequence: .integer(0...Int128(UInt32.max))
    case .domain, .root, .entity, .time, .message, .code: .string
    }
  }
}
