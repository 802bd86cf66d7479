import EventModel

/// A message to the consumer of a durable subscription.
public enum ConsumerMessage: Equatable, Sendable {
  /// The consumer now holds the lane: every commit up to the checkpoint is handled.
  case gained(SubscriptionLane, checkpoint: UInt64)
  /// The consumer no longer holds the lane.
  case lost(SubscriptionLane, checkpoint: UInt64)
  /// A commit to handle and acknowledge.
  case commit(RecordedCommit, lane: UInt32)
  /// An unreadable commit, which must also be acknowledged.
  case damage(Position, lane: UInt32, String)
}

/// Connects to the consumer of a durable subscription.
public struct ConsumerLink: Sendable {
  /// Sends a message, and waits while the consumer is slower. A lane's messages are sent in
  /// order; many lanes send concurrently.
  let send: @Sendable (ConsumerMessage) async throws -> Void
  /// Adds to the bytes held for the consumer; negative to subtract.
  let hold: @Sendable (Int) async throws -> Void
  /// Bounds concurrent reads of the store.
  let gate: ConcurrencyLimit

  public init(
    gate: ConcurrencyLimit = ConcurrencyLimit(1),
    hold: @escaping @Sendable (Int) async throws -> Void = { _ in },
    send: @escaping @Sendable (ConsumerMessage) async throws -> Void
  ) {
    self.send = send
    self.hold = hold
    self.gate = gate
  }
}
