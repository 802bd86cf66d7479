/// The index of a blocking query: with which one to ask next (Consul, *Blocking Queries*).
struct BlockingQuery: Equatable {
  /// 0: answer at once.
  private(set) var index: UInt64 = 0

  /// Takes the index of an answer. One that goes backwards, as after a restore, starts anew. One
  /// that is missing or 0 would be answered at once for ever, so it counts as 1.
  mutating func take(_ answered: UInt64?) {
    let next = max(answered ?? 1, 1)
    index = next < index ? 0 : next
  }

  /// The agent failed. Another one, or its memory, may be behind: it would not answer until it has
  /// come as far.
  mutating func reset() { index = 0 }
}
