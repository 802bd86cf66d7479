import STOMP
import Synchronization
import Timing
import Wire

/// The shared state of one connection's feeds: its outbox, and the unacknowledged messages.
final class ConnectionState: Sendable {
  /// Unique among connections.
  let id: String
  let outbox: Outbox
  private let activity: EventuateActivity
  private let unacknowledged: Watched<Unacknowledged>
  private let isOver = Atomic(false)
  /// By feed number; transient feeds have none.
  private let queues = Mutex<[Int: AckQueue]>([:])

  init(id: String, _ outbox: Outbox, _ activity: EventuateActivity, messagesMax: Int) {
    self.id = id
    self.outbox = outbox
    self.activity = activity
    unacknowledged = Watched(Unacknowledged(messagesMax: messagesMax))
  }

  /// Ends all delivery.
  func end() {
    isOver.store(true, ordering: .relaxed)
    change { $0 = Unacknowledged(messagesMax: .max) }
  }

  func add(_ queue: AckQueue, of feed: Int) { queues.withLock { $0[feed] = queue } }

  /// Removes a feed that has ended.
  func remove(_ feed: Int) {
    _ = queues.withLock { $0.removeValue(forKey: feed) }
    forget(feed)
  }

  /// Numbers a commit's messages, once there is room; nil if the connection ends.
  func deliver(
    _ acknowledgement: OutriderV1.Acknowledgement, by feed: Int, messages: Int
  ) async -> [UInt64]? {
    let numbers = await unacknowledged.wait { [self] state -> [UInt64]? in
      if isOver.load(ordering: .relaxed) { return [] }
      return state.hasRoom ? state.deliver(acknowledgement, by: feed, messages: messages) : nil
    }
    guard let numbers, !numbers.isEmpty else { return nil }
    activity.addUnacknowledged(numbers.count)
    return numbers
  }

  /// Numbers a message that needs no acknowledgement.
  func number() -> UInt64 { unacknowledged.look { $0.number() } }

  func send(_ message: SubscriberMessage, _ head: MessageHead, number: UInt64) async {
    await outbox.send(head.frame(message, AckHeader(connection: id, number: number)))
    activity.countDelivered()
  }

  /// Passes a client's acknowledgement to its feed. Ignores unknown ones, which may be from an
  /// earlier connection.
  func acknowledge(_ header: String) {
    guard let ack = AckHeader(header, on: id), ack.connection == id else { return }
    guard let (feed, acknowledgement) = change({ $0.acknowledge(ack.number) }) else { return }
    queues.withLock { $0[feed] }?.add(acknowledgement)
  }

  /// Forgets a feed's deliveries, in one lane or in all, because they will be redelivered.
  func forget(_ feed: Int, _ lane: (partition: UInt32, lane: UInt32)? = nil) {
    change { $0.forget(feed, lane) }
  }

  @discardableResult
  private func change<Result: Sendable>(
    _ body: (inout Unacknowledged) -> Result
  ) -> Result {
    let (result, difference) = unacknowledged.change { state in
      let before = state.count
      let result = body(&state)
      return (result, state.count - before)
    }
    activity.addUnacknowledged(difference)
    return result
  }
}
