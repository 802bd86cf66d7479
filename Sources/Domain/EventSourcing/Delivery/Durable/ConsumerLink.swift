import EventModel

/// What the consumer of a durable subscription is told.
public enum ConsumerMessage: Equatable, Sendable {
  /// A lane is the consumer's from here on: everything up to the checkpoint is done with.
  case gained(SubscriptionLane, checkpoint: UInt64)
  /// A lane is the consumer's no more.
  case lost(SubscriptionLane, checkpoint: UInt64)
  /// A commit to handle and to acknowledge.
  case commit(RecordedCommit, lane: UInt32)
  /// A commit that cannot be read, to be acknowledged as well.
  case damage(Position, lane: UInt32, String)
}

/// How a consumer of a durable subscription is reached.
public struct ConsumerLink: Sendable {
  /// Hands a message over, and waits while the consumer is slower. Messages of a lane come in
  /// order; many lanes send at a time.
  let send: @Sendable (ConsumerMessage) async throws -> Void
  /// Hears how many bytes are held for the consumer from now on, or fewer where negative.
  let hold: @Sendable (Int) async throws -> Void
  /// Bounds how many read from the store at a time.
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
