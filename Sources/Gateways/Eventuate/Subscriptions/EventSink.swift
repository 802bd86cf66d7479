import EventModel
import STOMP
import Timing
import Wire

/// Where the feeds of one subscription send its messages: to the connection, once the client knows
/// that it is subscribed.
struct EventSink: Sendable {
  let type: EntityType
  let events: Set<Name>
  let head: MessageHead
  /// Tells the connection's feeds apart.
  let feed: Int
  /// Opens when RECEIPT is sent: some clients forget what came before it.
  let isOpen: Watched<Bool>
  let connection: ConnectionState
  let calls: EventuateCalls

  var subscriber: SubscriberName { head.subscriber }

  /// Sends what is wanted of a commit, and waits while the client is slower.
  ///
  /// - Returns: how many messages that were; none: the commit is done with.
  func send(
    _ book: EventBook, at position: Position, lane: UInt32
  ) async throws(EventuateFailure) -> Int {
    let wanted = try StoredEvents.events(in: book).filter { events.contains(Name($0.type)) }
    if wanted.isEmpty { return 0 }
    _ = await isOpen.wait { $0 ? true : nil }
    let acknowledgement = OutriderV1.Acknowledgement(
      domain: type.domain, position: position, lane: lane)
    guard
      let numbers = await connection.deliver(acknowledgement, by: feed, messages: wanted.count)
    else { return wanted.count }
    for (event, number) in zip(await wanted.inJSON(of: type.domain, by: calls), numbers) {
      let message = SubscriberMessage(
        event, of: book.cover, type, at: position, swimlane: lane, for: subscriber)
      await connection.send(message, head, number: number)
    }
    return wanted.count
  }

  /// Tells that swimlanes are through with what was there at the start.
  func send(_ ends: [(swimlane: UInt32, offset: UInt64)]) async {
    _ = await isOpen.wait { $0 ? true : nil }
    for end in ends {
      let message = SubscriberMessage(endOf: type, swimlane: end.swimlane, at: end.offset)
      await connection.send(message, head, number: connection.number())
    }
  }
}
