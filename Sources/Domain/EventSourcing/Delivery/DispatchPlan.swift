import EventModel
import Queues

/// Decides which commits of a log may be delivered now: one delivery at a time for each
/// aggregate, in log order, and different aggregates concurrently. Tracks the checkpoint.
///
/// Holds a bounded number of commits for each aggregate. It releases the commits behind those,
/// and all commits of a stuck aggregate; they are read again from the aggregate's own stream. So
/// a stuck aggregate takes no room from the others.
///
/// A state machine: no waiting, no clock, no I/O.
struct DispatchPlan {
  /// The next delivery for one aggregate.
  enum Due: Equatable {
    case commits([RecordedCommit])
    /// Read the events that the consumer lacks from the aggregate's own stream, up to this
    /// position of the log.
    case stream(upTo: UInt64)

    /// Nil if not known yet.
    var eventCount: Int? {
      guard case .commits(let commits) = self else { return nil }
      return commits.reduce(0) { $0 + $1.commit.pages.count }
    }
  }

  private struct Waiting {
    /// Each commit with the checkpoint that holds while it is unhandled.
    var held: [(commit: RecordedCommit, mark: UInt64)] = []
    /// Commits behind the held ones: the mark of the first, the position of the last.
    var released: (mark: UInt64, last: UInt64)?

    var mark: UInt64? { held.first?.mark ?? released?.mark }
    var last: UInt64? { released?.last ?? held.last?.commit.position.number }
  }

  /// Commits that are held and unhandled.
  private(set) var pendingCount = 0
  /// Their bytes.
  private(set) var pendingBytes = 0
  private var waiting: [Root: Waiting] = [:]
  /// The marks of all unhandled commits, ascending; may include some of handled commits.
  private var order = Queue<(root: Root, mark: UInt64)>()
  /// The position of the last admitted commit.
  private var lastPosition: UInt64
  private let heldPerAggregateMax: Int

  init(startingAt checkpoint: UInt64, heldPerAggregateMax: Int = .max) {
    lastPosition = checkpoint
    self.heldPerAggregateMax = heldPerAggregateMax
  }

  /// Aggregates with unhandled commits, held or released.
  var aggregateCount: Int { waiting.count }

  /// The checkpoint: every commit up to here is handled. May lag behind handled commits.
  var lowWaterMark: UInt64 { order.first?.mark ?? lastPosition }

  /// Whether every admitted commit is handled.
  var isIdle: Bool { waiting.values.allSatisfy { $0.mark == nil } }

  /// Adds the log's next commit. Positions that the log skips never get a commit.
  ///
  /// - Returns: whether the aggregate was idle, so that the caller must start its delivery.
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
      order.append((root, mark))
    } else {
      queue.held.append((commit, mark))
      hold(commit, 1)
      order.append((root, mark))
    }
    waiting[root] = queue
    if order.count > 2 * (pendingCount + waiting.count) + 64 { order = Queue(marks) }
    return wasIdle
  }

  /// The next delivery for an aggregate: as many waiting commits as fit into one book, at least
  /// one. Nil if nothing waits; the aggregate is then idle.
  mutating func due(for root: Root, bytesMax: Int, eventsMax: Int = .max) -> Due? {
    if let first = waiting[root]?.held.first {
      var bytes = first.commit.commit.pages.bytes.count
      var events = first.commit.commit.pages.count
      var next = first.commit.commit.pages.next
      let more = waiting[root]?.held.dropFirst().prefix { held in
        let pages = held.commit.commit.pages
        // If a commit between them is lost, let the consumer see the gap.
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

  /// Returns true, and makes the aggregate idle, if nothing waits for it.
  mutating func becomesIdle(_ root: Root) -> Bool {
    guard waiting[root]?.mark == nil else { return false }
    waiting[root] = nil
    return true
  }

  /// The position of the aggregate's last waiting commit; nil if none waits.
  func last(of root: Root) -> UInt64? { waiting[root]?.last }

  /// Marks the aggregate's commits up to this position as delivered or parked.
  mutating func finish(_ root: Root, upTo number: UInt64) {
    guard var queue = waiting.removeValue(forKey: root) else { return }
    let done = queue.held.prefix { $0.commit.position.number <= number }
    for held in done { hold(held.commit, -1) }
    queue.held.removeFirst(done.count)
    if let released = queue.released, released.last <= number { queue.released = nil }
    waiting[root] = queue
    passDone()
  }

  /// Removes the marks of handled commits from the front.
  private mutating func passDone() {
    while let first = order.first {
      if let mark = waiting[first.root]?.mark, mark <= first.mark { return }
      _ = order.popFirst()
    }
  }

  /// The marks of all unhandled commits, ascending.
  private var marks: [(root: Root, mark: UInt64)] {
    let marks = waiting.flatMap { root, queue in
      (queue.held.map(\.mark) + [queue.released?.mark].compactMap(\.self)).map { (root, $0) }
    }
    return marks.sorted { $0.1 < $1.1 }
  }

  /// Releases the commits held for a stuck aggregate.
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
