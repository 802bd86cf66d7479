import EventModel
import STOMP
import Timing
import Wire

/// Sends the messages of one subscription's feeds to the connection, once the client knows that
/// it is subscribed.
struct EventSink: Sendable {
  let type: EntityType
  let events: Set<Name>
  let head: MessageHead
  /// Distinguishes the connection's feeds.
  let feed: Int
  /// Opens when RECEIPT is sent: some clients drop earlier messages.
  let isOpen: Watched<Bool>
  let connection: ConnectionState
  let calls: EventuateCalls

  var subscriber: SubscriberName { head.subscriber }

  /// Sends the wanted events of a commit, and waits while the client is slower.
  ///
  /// - Returns: the number of messages; with 0 the commit is already done.
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

  /// Reports swimlanes that have handled all events from before the start.
  func send(_ ends: [(swimlane: UInt32, offset: UInt64)]) async {
    _ = await isOpen.wait { $0 ? true : nil }
    for end in ends {
      let message = SubscriberMessage(endOf: type, swimlane: end.swimlane, at: end.offset)
      await connection.send(message, head, number: connection.number())
    }
  }
}
