import EventModel

/// Restores log order to a channel's deliveries, and tracks when to acknowledge each. A state
/// machine: no waiting, no clock, no I/O.
struct ChannelInbox {
  enum Next: Equatable {
    /// The commits after the last position handed on.
    case commits([RecordedCommit])
    /// The next deliveries are missing. The first delivery that is here has this position.
    case gap(before: UInt64)
    /// No deliveries that are not yet handed on.
    case empty
  }

  private struct Arrival {
    let commit: RecordedCommit
    var tags: [UInt64]
  }

  /// A commit that was handed on and is not yet released.
  private struct Held {
    let number: UInt64
    /// Tags of its deliveries; empty if the log supplied it.
    var tags: [UInt64]
  }

  /// Ordered by position.
  private var arrivals: [Arrival] = []
  private var held: [Root: [Held]] = [:]
  /// Every commit up to this position was handed on; some positions may have no commit.
  private var position: UInt64

  init(after position: UInt64) { self.position = position }

  /// Adds a delivery.
  ///
  /// - Returns: true for a repeat of a released commit: acknowledge it now.
  mutating func receive(_ commit: RecordedCommit, tag: UInt64) -> Bool {
    let number = commit.position.number
    if number <= position { return !attach(tag, to: commit) }
    // Most deliveries arrive in order.
    let index = arrivals.lastIndex { $0.commit.position.number <= number }
    if let index, arrivals[index].commit.position.number == number {
      arrivals[index].tags.append(tag)
    } else {
      arrivals.insert(Arrival(commit: commit, tags: [tag]), at: index.map { $0 + 1 } ?? 0)
    }
    return false
  }

  /// Adds a repeat's tag to a held commit, so that both are acknowledged at release.
  private mutating func attach(_ tag: UInt64, to commit: RecordedCommit) -> Bool {
    let root = commit.commit.cover.root
    guard let index = held[root]?.firstIndex(where: { $0.number == commit.position.number })
    else { return false }
    held[root]?[index].tags.append(tag)
    return true
  }

  /// Hands on the next commits in log order.
  mutating func next(limit: ReadLimit) -> Next {
    guard let first = arrivals.first?.commit.position.number else { return .empty }
    guard first == position + 1 else { return .gap(before: first) }
    var portion = Portion<RecordedCommit>(limit)
    while let arrival = arrivals.first, arrival.commit.position.number == position + 1,
      portion.take(arrival.commit)
    {
      arrivals.removeFirst()
      hold(arrival.commit, arrival.tags)
    }
    return .commits(portion.entries)
  }

  /// Hands on commits that follow `position` and came from the log. Their deliveries, if any
  /// came, are acknowledged with them.
  mutating func handOn(_ commits: [RecordedCommit]) {
    for commit in commits {
      var tags: [UInt64] = []
      while let arrival = arrivals.first,
        arrival.commit.position.number <= commit.position.number
      {
        arrivals.removeFirst()
        tags += arrival.tags
      }
      hold(commit, tags)
    }
  }

  /// Skips positions before `number`: no commits have them.
  mutating func settle(before number: UInt64) { position = max(position, number - 1) }

  private mutating func hold(_ commit: RecordedCommit, _ tags: [UInt64]) {
    position = commit.position.number
    held[commit.commit.cover.root, default: []].append(Held(number: position, tags: tags))
  }

  /// The tags belonged to an earlier consumer: the broker redelivers what it had not
  /// acknowledged.
  mutating func forgetTags() {
    for index in arrivals.indices { arrivals[index].tags = [] }
    for root in held.keys {
      held[root] = held[root]?.map { Held(number: $0.number, tags: []) }
    }
  }

  /// Releases the aggregate's commits up to the position.
  ///
  /// - Returns: the tags to acknowledge.
  mutating func release(_ root: Root, upTo number: UInt64) -> [UInt64] {
    guard var waiting = held.removeValue(forKey: root) else { return [] }
    let count = waiting.prefix { $0.number <= number }.count
    let tags = waiting.prefix(count).flatMap(\.tags)
    waiting.removeFirst(count)
    if !waiting.isEmpty { held[root] = waiting }
    return tags
  }
}
