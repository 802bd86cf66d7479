import EventModel
import JSON
import STOMP

/// An event for a subscriber.
struct SubscriberMessage: Equatable, Sendable {
  /// Sent once for each type and swimlane when all events from before the start are handled.
  static let endOfEventsType =
    "net.chrisrichardson.eventstore.subscriptions.EndOfCurrentEventsReachedEvent"

  var id: EventuateID
  var entityID: String
  var entityType: String
  var type: String
  var data: String
  var token: String
  var swimlane: UInt32
  var offset: UInt64

  init(
    _ event: StoredEvent, of cover: Cover, _ type: EntityType, at position: Position,
    swimlane: UInt32, for subscriber: SubscriberName
  ) {
    id = EventuateID(position, event.sequence)
    entityID = event.entityID
    entityType = type.type
    self.type = event.type
    data = event.data
    token =
      TriggeringToken(EventReference(cover: cover, sequence: event.sequence), for: subscriber)
      .text
    self.swimlane = swimlane
    offset = position.number
  }

  /// Reports that a swimlane has handled all events from before the start.
  init(endOf type: EntityType, swimlane: UInt32, at offset: UInt64) {
    // Unique, because no event has a sequence number beyond 32 bits.
    id = EventuateID(high: offset, low: 1 << 32 | UInt64(swimlane))
    entityID = id.description
    entityType = type.type
    self.type = Self.endOfEventsType
    let data: JSONValue = ["entityType": .string(type.type), "swimlane": .integer(swimlane)]
    self.data = data.text
    token = "end-\(id)"
    self.swimlane = swimlane
    self.offset = offset
  }

  /// On one line: some clients end a body at an empty line.
  var body: JSONValue {
    [
      "id": .string(id.description), "entityId": .string(entityID),
      "entityType": .string(entityType), "eventData": .string(data), "eventType": .string(type),
      "eventToken": .string(token), "swimlane": .integer(swimlane), "offset": .integer(offset),
    ]
  }
}

/// The common headers of one subscription's messages.
struct MessageHead: Sendable {
  /// The longest header that a client that names versions accepts.
  private static let destinationByteCountMax = 10_000

  let subscriber: SubscriberName
  private let subscription: Frame.Header
  /// As the client wrote it: some compare it byte by byte.
  private let destination: Frame.Header?

  init(_ request: Subscribe, _ subscriber: SubscriberName, clientNamesVersions: Bool) {
    self.subscriber = subscriber
    subscription = Frame.Header("subscription", request.id)
    let isTooLong = request.destination.written.utf8.count > Self.destinationByteCountMax
    destination = clientNamesVersions && isTooLong ? nil : request.destination
  }

  func frame(_ message: SubscriberMessage, _ ack: AckHeader) -> Frame {
    var headers: [Frame.Header] = [.init("ack", ack.text(for: subscriber))]
    if let destination { headers.append(destination) }
    headers += [.init("message-id", "\(ack.number)"), subscription]
    return Frame("MESSAGE", headers, body: Array(message.body.text.utf8))
  }
}
