import EventModel
import JSON
import Wire

/// An event that a client posts.
struct PostedEvent: Equatable, Sendable {
  var type: String
  /// JSON, stored as received.
  var data: String
  var metadata: String?

  /// The most events in one commit.
  static let countMax = 10_000

  /// Decodes at least one event. Throws 400 for anything else.
  static func events(in fields: JSONFields) throws(EventuateFailure) -> [PostedEvent] {
    let list = try fields.list("events")
    guard (1...countMax).contains(list.count) else {
      throw .malformed("events must hold 1 to \(countMax) events, got \(list.count)")
    }
    var events: [PostedEvent] = []
    for (index, value) in list.enumerated() {
      let event = try JSONFields(value, at: "events[\(index)]")
      guard case .string(let data) = try event.required("eventData") else {
        throw .malformed("\(event.path("eventData")) must be a string that holds JSON")
      }
      events.append(
        PostedEvent(
          type: try event.requiredText("eventType"), data: data,
          metadata: try event.text("metadata")))
    }
    return events
  }
}

/// A new entity: `POST /entity/{space}`.
struct CreateRequest: Equatable, Sendable {
  var type: EntityType
  /// Nil: the server chooses one.
  var id: String?
  var events: [PostedEvent]
  var token: TriggeringToken?

  init(_ body: [UInt8], space: String) throws(EventuateFailure) {
    let fields = try JSONFields(parsing: body)
    type = try EntityType(try fields.requiredText("entityTypeName"), in: space)
    id = try fields.text("entityId")
    events = try PostedEvent.events(in: fields)
    token = try fields.text("triggeringEventToken").map { TriggeringToken($0) }
  }
}

/// Further events of an entity: `POST /entity/{space}/{type}/{id}`.
struct UpdateRequest: Equatable, Sendable {
  var entity: EntityName
  /// The sequence number that the first event must get.
  var expected: SequenceNumber
  var events: [PostedEvent]
  var token: TriggeringToken?

  init(_ body: [UInt8], of entity: EntityName) throws(EventuateFailure) {
    let fields = try JSONFields(parsing: body)
    self.entity = entity
    let version = try fields.requiredText("entityVersion")
    guard let expected = EventuateID(version)?.expectedNext else {
      throw .malformed(
        "entityVersion must be the version that a find, create or update answered, got "
          + "\"\(version.prefix(100))\"")
    }
    self.expected = expected
    events = try PostedEvent.events(in: fields)
    token = try fields.text("triggeringEventToken").map { TriggeringToken($0) }
  }
}
