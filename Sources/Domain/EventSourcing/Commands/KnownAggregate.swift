import EventModel

/// An aggregate in the memory of its command-handler, with the known ids of the commands in its
/// stream.
///
/// In the function style the snapshot is the state after all its events, and there are no pages.
struct KnownAggregate {
  private(set) var aggregate: Aggregate
  /// The known end of the stream; beyond the aggregate's `next` if events are not folded yet.
  private(set) var end: SequenceNumber
  /// Events and their bytes since the stored snapshot; only in the function style.
  private(set) var sinceSnapshot = (events: 0, bytes: 0)
  /// Hashes of the ids. If all ids are known, an id whose hash is missing is not in the stream.
  private var commandIDs: Set<Int> = []
  /// Whether the ids of all commands in the stream are known.
  private var knowsAllIDs: Bool

  private static let commandIDsMax = 256

  init(_ aggregate: Aggregate) {
    self.aggregate = aggregate
    end = aggregate.next
    knowsAllIDs = aggregate.next == .first
  }

  /// Approximate memory in bytes, for a cache's bound.
  var byteCount: Int { aggregate.byteCount + 16 * commandIDs.count }

  /// Whether the aggregate includes all known events.
  var isWhole: Bool { aggregate.next == end }

  /// Applies a commit that was appended at `next`.
  mutating func apply(_ commit: Commit) {
    aggregate.apply(commit)
    note(commit)
  }

  /// Whether this process cannot exclude that a command with this id was handled.
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
  /// Applies a commit that was appended at `next`, with the state after it.
  mutating func apply(_ commit: Commit, leadingTo state: Bytes) {
    fold(commit.pages, into: state)
    if commit.snapshot != nil { sinceSnapshot = (0, 0) }
    note(commit)
  }

  /// Sets the state after pages that begin at `next`.
  mutating func fold(_ pages: PageBlock, into state: Bytes) {
    aggregate = Aggregate(
      cover: aggregate.cover, snapshot: Snapshot(sequence: pages.last, state: state),
      pages: PageBlock(emptyAt: pages.next))
    sinceSnapshot.events += pages.count
    sinceSnapshot.bytes += pages.bytes.count
  }

  /// Notes a commit that was appended at `end`; its events are folded on demand.
  mutating func note(_ commit: Commit) {
    end = commit.pages.next
    insert(commit.commandID)
  }

  /// Notes the end of the stream. The ids of commits from other writers are unknown.
  mutating func note(end: SequenceNumber) {
    if end > self.end { (knowsAllIDs, commandIDs) = (false, []) }
    self.end = end
  }
}
