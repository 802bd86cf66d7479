import EventModel
import JSON

/// The answer to create and update.
struct SavedEntity: Equatable, Sendable {
  var entityID: String
  var position: Position
  /// The sequence numbers of the posted events, in order.
  var sequences: [SequenceNumber]

  var body: JSONValue {
    let ids = sequences.map { JSONValue.string("\(EventuateID(position, $0))") }
    return [
      "entityId": .string(entityID), "entityVersion": ids.last ?? .null, "eventIds": .array(ids),
    ]
  }
}

/// The answer to find: all events of an entity; empty if the entity does not exist.
struct FoundEntity: Equatable, Sendable {
  struct Event: Equatable, Sendable {
    var id: EventuateID
    var event: StoredEvent
  }

  var events: [Event]

  var body: JSONValue {
    [
      "events": .array(
        events.map { found in
          var members: [JSONValue.Member] = [
            .init("id", .string("\(found.id)")),
            .init("eventType", .string(found.event.type)),
            .init("eventData", .string(found.event.data)),
          ]
          if let metadata = found.event.metadata {
            members.append(.init("metadata", .string(metadata)))
          }
          return .object(members)
        })
    ]
  }
}
