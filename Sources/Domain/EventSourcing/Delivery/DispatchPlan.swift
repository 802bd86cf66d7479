import EventModel

/// Which commits of a log may be delivered when: one at a time for each aggregate, in log order,
/// different aggregates beside each other; and how far everything has been dealt with.
///
/// It holds a bounded number of commits for each aggregate. It lets go of the commits behind those,
/// and of all that belong to an aggregate that is stuck; they are read again from the aggregate's
/// own stream. So an aggregate that does not move takes no room from the others.
///
/// A state machine: no waiting, no clock, no I/O.
struct DispatchPlan {
  /// What is to be delivered next for one aggregate.
  enum Due: Equatable {
    case commits([RecordedCommit])
    /// The events that the consumer does not have, from the aggregate's own stream, up to this
    /// position of the log.
    case stream(upTo: UInt64)

    /// Nil: not known yet.
    var eventCount: Int? {
      guard case .commits(let commits) = self else { return nil }
      return commits.reduce(0) { $0 + $1.commit.pages.count }
    }
  }

  private struct Waiting {
    /// Each with the position up to which everything is dealt with as long as it is not.
    var held: [(commit: RecordedCommit, mark: UInt64)] = []
    /// Commits behind those that are held: the mark of the first, the position of the last.
    var released: (mark: UInt64, last: UInt64)?

    var mark: UInt64? { held.first?.mark ?? released?.mark }
    var last: UInt64? { released?.last ?? held.last?.commit.position.number }
  }

  /// Commits that are held and not dealt with.
  private(set) var pendingCount = 0
  /// Bytes of these.
  private(set) var pendingBytes = 0
  private var waiting: [Root: Waiting] = [:]
  /// The marks of everything that is not dealt with, rising; some that is may be among them.
  private var order = AdmissionOrder()
  /// Of the last commit that was admitted.
  private var lastPosition: UInt64
  private let heldPerAggregateMax: Int

  init(startingAt checkpoint: UInt64, heldPerAggregateMax: Int = .max) {
    lastPosition = checkpoint
    self.heldPerAggregateMax = heldPerAggregateMax
  }

  /// Aggregates that have a commit which is not dealt with, held or not.
  var aggregateCount: Int { waiting.count }

  /// Everything up to here is dealt with. May lag behind single commits that are done already.
  var lowWaterMark: UInt64 { order.first?.mark ?? lastPosition }

  /// Whether everything that was admitted is dealt with.
  var isIdle: Bool { waiting.values.allSatisfy { $0.mark == nil } }

  /// Takes in the log's next commit. Positions that the log leaves out are nobody's for ever.
  ///
  /// - Returns: whether the aggregate was idle, so that somebody must start to deliver it.
  mutating func admit(_ commit: RecordedCommit) -> Bool {
    let mark = lastPosition
    let position = commit.position.number
    let root = commit.commit.cover.root
    lastPosition = position
    let wasIdle = waiting[root] == nil
    var queue = waiting.removeValue(forKey: root) ?? Waiting()
    if let released = queue.released {
      queue.released = (released.mark, position)
    } else if queue.held.count >= heldPerAggregateMax {
      queue.released = (mark, position)
      order.append(root, mark)
    } else {
      queue.held.append((commit, mark))
      hold(commit, 1)
      order.append(root, mark)
    }
    waiting[root] = queue
    if order.count > 2 * (pendingCount + waiting.count) + 64 { order.replace(by: marks) }
    return wasIdle
  }

  /// What is due for an aggregate: as many waiting commits as fit into one book, at least one. Nil
  /// where nothing waits; the aggregate is idle then.
  mutating func due(for root: Root, bytesMax: Int, eventsMax: Int = .max) -> Due? {
    if let first = waiting[root]?.held.first {
      var bytes = first.commit.commit.pages.bytes.count
      var events = first.commit.commit.pages.count
      var next = first.commit.commit.pages.next
      let more = waiting[root]?.held.dropFirst().prefix { held in
        let pages = held.commit.commit.pages
        // Where a commit between them is lost, the consumer is to meet the gap.
        guard pages.first == next else { return false }
        next = pages.next
        bytes += pages.bytes.count
        events += pages.count
        return bytes <= bytesMax && events <= eventsMax
      }
      return .commits([first.commit] + (more ?? []).map(\.commit))
    }
    if let released = waiting[root]?.released { return .stream(upTo: released.last) }
    waiting[root] = nil
    return nil
  }

  /// Whether nothing waits for an aggregate; it is idle then.
  mutating func becomesIdle(_ root: Root) -> Bool {
    guard waiting[root]?.mark == nil else { return false }
    waiting[root] = nil
    return true
  }

  /// The position of the aggregate's last commit that waits; nil where none does.
  func last(of root: Root) -> UInt64? { waiting[root]?.last }

  /// The aggregate's commits up to this position are dealt with: delivered, or parked.
  mutating func finish(_ root: Root, upTo position: UInt64) {
    guard var queue = waiting.removeValue(forKey: root) else { return }
    let done = queue.held.prefix { $0.commit.position.number <= position }
    for held in done { hold(held.commit, -1) }
    queue.held.removeFirst(done.count)
    if let released = queue.released, released.last <= position { queue.released = nil }
    waiting[root] = queue
    passDone()
  }

  /// Drops marks from the front whose commits are dealt with.
  private mutating func passDone() {
    while let first = order.first {
      if let mark = waiting[first.root]?.mark, mark <= first.mark { return }
      order.removeFirst()
    }
  }

  private var marks: [(root: Root, mark: UInt64)] {
    waiting.flatMap { root, queue in
      (queue.held.map(\.mark) + [queue.released?.mark].compactMap(\.self)).map { (root, $0) }
    }
  }

  /// Lets go of the commits that are held for an aggregate: it does not move.
  mutating func release(_ root: Root) {
    guard var queue = waiting.removeValue(forKey: root) else { return }
    if let mark = queue.mark, let last = queue.last { queue.released = (mark, last) }
    for held in queue.held { hold(held.commit, -1) }
    queue.held = []
    waiting[root] = queue
  }

  private mutating func hold(_ commit: RecordedCommit, _ sign: Int) {
    pendingCount += sign
    pendingBytes += sign * commit.byteCount
  }
}

/// A queue of the marks of what was admitted.
private struct AdmissionOrder {
  private var entries: [(root: Root, mark: UInt64)] = []
  private var head = 0

  var count: Int { entries.count }
  var first: (root: Root, mark: UInt64)? { head < entries.count ? entries[head] : nil }

  mutating func append(_ root: Root, _ mark: UInt64) { entries.append((root, mark)) }

  mutating func removeFirst() {
    head += 1
    // Half of the memory is given back at a time, so that each entry is moved once on average.
    guard head >= 64, head * 2 >= entries.count else { return }
    entries.removeFirst(head)
    head = 0
  }

  mutating func replace(by marks: [(root: Root, mark: UInt64)]) {
    entries = marks.sorted { $0.mark < $1.mark }
    head = 0
  }
}
