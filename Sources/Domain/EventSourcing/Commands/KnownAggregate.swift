import EventModel

/// An aggregate as a process that handles its commands has it in memory: with the ids of the
/// commands that its stream holds, as far as they are known.
///
/// In the function style the snapshot is the state after all its events, and there are no pages.
struct KnownAggregate {
  private(set) var aggregate: Aggregate
  /// Where the stream is known to end: behind the aggregate where some of its events are yet to be
  /// folded.
  private(set) var end: SequenceNumber
  /// Events, and their bytes, since the snapshot that is stored; in the function style.
  private(set) var sinceSnapshot = (events: 0, bytes: 0)
  /// Hashes of the ids: one that is not among them is not in the stream.
  private var commandIDs: Set<Int> = []
  /// Whether the stream was seen from its beginning on.
  private var knowsAllIDs: Bool

  private static let commandIDsMax = 256

  init(_ aggregate: Aggregate) {
    self.aggregate = aggregate
    end = aggregate.next
    knowsAllIDs = aggregate.next == .first
  }

  /// Memory it takes, near enough for a cache's bound.
  var byteCount: Int { aggregate.byteCount + 16 * commandIDs.count }

  /// Whether the aggregate holds all events that are known of.
  var isWhole: Bool { aggregate.next == end }

  /// Takes in a commit that was appended at `next`.
  mutating func apply(_ commit: Commit) {
    aggregate.apply(commit)
    note(commit)
  }

  /// Whether a command of this id may have been handled, as far as this process knows.
  func mayHold(_ commandID: String?) -> Bool {
    guard let commandID else { return false }
    return !knowsAllIDs || commandIDs.contains(commandID.hashValue)
  }

  private mutating func insert(_ commandID: String?) {
    guard knowsAllIDs, let commandID else { return }
    commandIDs.insert(commandID.hashValue)
    if commandIDs.count > Self.commandIDsMax {
      knowsAllIDs = false
      commandIDs = []
    }
  }
}

// MARK: - The function style

extension KnownAggregate {
  /// Takes in a commit that was appended at `next`, and the state after it.
  mutating func apply(_ commit: Commit, leadingTo state: Bytes) {
    fold(commit.pages, into: state)
    if commit.snapshot != nil { sinceSnapshot = (0, 0) }
    note(commit)
  }

  /// Takes in the state after pages that begin at `next`.
  mutating func fold(_ pages: PageBlock, into state: Bytes) {
    aggregate = Aggregate(
      cover: aggregate.cover, snapshot: Snapshot(sequence: pages.last, state: state),
      pages: PageBlock(emptyAt: pages.next))
    sinceSnapshot.events += pages.count
    sinceSnapshot.bytes += pages.bytes.count
  }

  /// Notes a commit that was appended at `end`; its events are folded when they are needed.
  mutating func note(_ commit: Commit) {
    end = commit.pages.next
    insert(commit.commandID)
  }

  /// Notes where the stream ends. Of commits that others appended no id is known.
  mutating func note(end: SequenceNumber) {
    if end > self.end { (knowsAllIDs, commandIDs) = (false, []) }
    self.end = end
  }
}
