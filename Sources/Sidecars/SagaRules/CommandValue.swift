import EventModel
import JSON

/// A value of a command, computed from a trigger. The check proved that it fits its field.
indirect enum CommandValue: Sendable {
  case literal(JSONValue)
  /// A copy of another value; without one, the field is left out.
  case copy(FoundReference, to: JSONShape, Copying)
  /// The aggregate's root as bytes.
  case rootBytes(ByteNotation)
  case text(FoundText)
  case list([CommandValue])
  case section([(name: String, value: CommandValue)])
  /// Null if the value is missing.
  case orNull(CommandValue)

  /// The value as JSON; nil: the field is left out.
  func json(for occurrence: Occurrence) throws(RuleFlaw) -> JSONValue? {
    switch self {
    case .literal(let value): return value
    case .copy(let reference, let shape, let copying):
      return reference.value(in: occurrence).map {
        copying.copy($0, from: reference.shape, to: shape)
      }
    case .rootBytes(let notation): return .string(bytes: occurrence.cover.root.bytes, notation)
    case .text(let text): return .string(try text.text(in: occurrence))
    case .list(let values):
      var elements: [JSONValue] = []
      for value in values { elements.append(try value.json(for: occurrence) ?? .null) }
      return .array(elements)
    case .section(let fields):
      var members: [JSONValue.Member] = []
      for field in fields {
        guard let value = try field.value.json(for: occurrence) else { continue }
        members.append(.init(field.name, value))
      }
      return .object(members)
    case .orNull(let value): return try value.json(for: occurrence) ?? .null
    }
  }
}
