import STOMP
import Synchronization
import Timing
import Wire

/// What the feeds of one connection share: its outbox, and what its client has not acknowledged.
final class ConnectionState: Sendable {
  /// No other connection has it.
  let id: String
  let outbox: Outbox
  private let activity: EventuateActivity
  private let unacknowledged: Watched<Unacknowledged>
  private let isOver = Atomic(false)
  /// By their numbers; a transient feed has none.
  private let queues = Mutex<[Int: AckQueue]>([:])

  init(id: String, _ outbox: Outbox, _ activity: EventuateActivity, messagesMax: Int) {
    self.id = id
    self.outbox = outbox
    self.activity = activity
    unacknowledged = Watched(Unacknowledged(messagesMax: messagesMax))
  }

  /// Nothing more is delivered.
  func end() {
    isOver.store(true, ordering: .relaxed)
    change { $0 = Unacknowledged(messagesMax: .max) }
  }

  func add(_ queue: AckQueue, of feed: Int) { queues.withLock { $0[feed] = queue } }

  /// The feed has ended.
  func remove(_ feed: Int) {
    _ = queues.withLock { $0.removeValue(forKey: feed) }
    forget(feed)
  }

  /// Numbers for a commit's messages, once there is room for them; nil where the connection ends.
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

  /// The number of a message that need not be acknowledged.
  func number() -> UInt64 { unacknowledged.look { $0.number() } }

  func send(_ message: SubscriberMessage, _ head: MessageHead, number: UInt64) async {
    await outbox.send(head.frame(message, AckHeader(connection: id, number: number)))
    activity.countDelivered()
  }

  /// What the client acknowledges is handed to its feed. What is unknown has no effect: it may be
  /// of a connection before this one.
  func acknowledge(_ header: String) {
    guard let ack = AckHeader(header, on: id), ack.connection == id else { return }
    guard let (feed, acknowledgement) = change({ $0.acknowledge(ack.number) }) else { return }
    queues.withLock { $0[feed] }?.add(acknowledgement)
  }

  /// What a feed delivered, in one lane or in all, comes again by itself.
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
