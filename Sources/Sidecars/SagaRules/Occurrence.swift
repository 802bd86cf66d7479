import EventModel
import JSON
import StatusCodes

/// An occurrence as rules see it: the payload of an event or of an ended command, and facts about
/// it.
struct Occurrence: Sendable {
  var payload: JSONValue
  var cover: Cover
  var entity: Name?
  /// The event's sequence; nil for an ended command.
  var sequence: SequenceNumber?
  var time: String
  /// The refusal's status, for a refused command.
  var refusal: (code: StatusCode, message: String)?

  /// The value of a fact; nil if this occurrence has none.
  func fact(_ fact: Reference.Fact) -> JSONValue? {
    switch fact {
    case .domain: .string(cover.domain.text)
    case .root: .string(cover.root.description)
    case .entity: entity.map { .string($0.text) }
    case .sequence: sequence.map { .integer($0.rawValue) }
    case .time: .string(time)
    case .message: refusal.map { .string($0.message) }
    case .code: refusal.map { .string("\($0.code)") }
    }
  }
}

extension Reference.Fact {
  /// True if triggers of this kind have the fact.
  func isKnown(to end: Trigger.End?) -> Bool {
    switch self {
    case .domain, .root, .entity, .time: true
    case .sequence: end == nil
    case .message, .code: end == .refused
    }
  }

  /// The root is a string, unless bytes are expected.
  var shape: JSONShape {
    switch self {
    case .sequence: .integer(0...Int128(UInt32.max))
    case .domain, .root, .entity, .time, .message, .code: .string
    }
  }
}
