import EventModel

/// Puts what a channel brings back into log order, and remembers which deliveries to acknowledge
/// when. A state machine: no waiting, no clock, no I/O.
struct ChannelInbox {
  enum Next: Equatable {
    /// The commits behind the given position.
    case commits([RecordedCommit])
    /// What came lies behind positions that did not come. This is the first that did.
    case gap(before: UInt64)
    /// Nothing came that is not handed on.
    case empty
  }

  private struct Arrival {
    let commit: RecordedCommit
    var tags: [UInt64]
  }

  /// A commit that was handed on and is not released.
  private struct Held {
    let number: UInt64
    /// Its deliveries; none if it came from elsewhere.
    var tags: [UInt64]
  }

  /// By position, rising.
  private var arrivals: [Arrival] = []
  private var held: [Root: [Held]] = [:]
  /// Everything up to here was handed on, or is no commit's.
  private var position: UInt64

  init(after position: UInt64) { self.position = position }

  /// Takes in a delivery.
  ///
  /// - Returns: true if it is a repeat of a commit that needs nothing more: to be acknowledged now.
  mutating func receive(_ commit: RecordedCommit, tag: UInt64) -> Bool {
    let number = commit.position.number
    if number <= position { return !attach(tag, to: commit) }
    // Most come in order.
    let index = arrivals.lastIndex { $0.commit.position.number <= number }
    if let index, arrivals[index].commit.position.number == number {
      arrivals[index].tags.append(tag)
    } else {
      arrivals.insert(Arrival(commit: commit, tags: [tag]), at: index.map { $0 + 1 } ?? 0)
    }
    return false
  }

  /// A commit that was handed on comes again: both deliveries are acknowledged when it is released.
  private mutating func attach(_ tag: UInt64, to commit: RecordedCommit) -> Bool {
    let root = commit.commit.cover.root
    guard let index = held[root]?.firstIndex(where: { $0.number == commit.position.number })
    else { return false }
    held[root]?[index].tags.append(tag)
    return true
  }

  /// What is next behind everything handed on.
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

  /// Notes commits that follow `position` and came from elsewhere. Deliveries of the same commits
  /// belong to them.
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

  /// No commit has a position before this one that was not handed on.
  mutating func settle(before number: UInt64) { position = max(position, number - 1) }

  private mutating func hold(_ commit: RecordedCommit, _ tags: [UInt64]) {
    position = commit.position.number
    held[commit.commit.cover.root, default: []].append(Held(number: position, tags: tags))
  }

  /// The deliveries so far were another consumer's: what was not acknowledged comes again.
  mutating func forgetTags() {
    for index in arrivals.indices { arrivals[index].tags = [] }
    for root in held.keys {
      held[root] = held[root]?.map { Held(number: $0.number, tags: []) }
    }
  }

  /// The aggregate's commits up to the position are needed no more.
  ///
  /// - Returns: the deliveries to acknowledge.
  mutating func release(_ root: Root, upTo number: UInt64) -> [UInt64] {
    guard var waiting = held.removeValue(forKey: root) else { return [] }
    let count = waiting.prefix { $0.number <= number }.count
    let tags = waiting.prefix(count).flatMap(\.tags)
    waiting.removeFirst(count)
    if !waiting.isEmpty { held[root] = waiting }
    return tags
  }
}
