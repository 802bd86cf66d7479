/// The index of the next blocking query (Consul, *Blocking Queries*).
struct BlockingQuery: Equatable {
  /// 0: answer at once.
  private(set) var index: UInt64 = 0

  /// Takes the index of an answer. One that goes backwards, as after a restore, resets it. A
  /// missing one or 0 counts as 1: the agent would answer index 0 at once, in a busy loop.
  mutating func take(_ answered: UInt64?) {
    let next = max(answered ?? 1, 1)
    index = next < index ? 0 : next
  }

  /// The agent failed. Another agent, or a restarted one, may be at a lower index and would not
  /// answer until it reaches ours.
  mutating func reset() { index = 0 }
}
