import EventModel

/// Which commits of a log may be delivered when: one at a time for each aggregate, in log order,
/// different aggregates beside each other; and how far everything has been dealt with.
///
/// A state machine: no waiting, no clock, no I/O.
struct DispatchPlan {
  /// Everything up to here is dealt with. May lag behind single commits that are done already.
  private(set) var lowWaterMark: UInt64
  /// Commits that were admitted and are not dealt with.
  private(set) var pendingCount = 0

  private var queues: [Root: [RecordedCommit]] = [:]
  /// Positions that were admitted, in their order, and those of them that are done already.
  private var admitted: [UInt64] = []
  private var done: Set<UInt64> = []

  init(startingAt checkpoint: UInt64) { lowWaterMark = checkpoint }

  /// Takes in the log's next commit. Positions that the log leaves out are nobody's for ever.
  ///
  /// - Returns: whether the aggregate was idle, so that somebody must start to deliver it.
  mutating func admit(_ commit: RecordedCommit) -> Bool {
    pendingCount += 1
    admitted.append(commit.position.number)
    let root = commit.commit.cover.root
    let wasIdle = queues[root] == nil
    queues[root, default: []].append(commit)
    return wasIdle
  }

  /// What is due for an aggregate: as many waiting commits as follow each other and fit into one book,
  /// at least one. Nil where nothing waits; the aggregate is idle then.
  mutating func due(for root: Root, bytesMax: Int) -> [RecordedCommit]? {
    guard let waiting = queues[root], let first = waiting.first else {
      queues[root] = nil
      return nil
    }
    var bytes = first.commit.pages.bytes.count
    var next = first.commit.pages.next
    let count =
      1
      + waiting.dropFirst().prefix { commit in
        // Where a commit between them is lost, the consumer is to meet the gap.
        guard commit.commit.pages.first == next else { return false }
        next = commit.commit.pages.next
        bytes += commit.commit.pages.bytes.count
        return bytes <= bytesMax
      }.count
    return Array(waiting.prefix(count))
  }

  /// The commits that `due` gave are dealt with: delivered, or parked.
  mutating func finish(_ commits: [RecordedCommit]) {
    guard let root = commits.first?.commit.cover.root else { return }
    queues[root]?.removeFirst(commits.count)
    pendingCount -= commits.count
    done.formUnion(commits.map(\.position.number))
    let passed = admitted.prefix { done.remove($0) != nil }.count
    if passed > 0 { lowWaterMark = admitted[passed - 1] }
    admitted.removeFirst(passed)
  }
}
