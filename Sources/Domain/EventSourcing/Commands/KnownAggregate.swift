import EventModel

/// An aggregate as a process that handles its commands has it in memory: with the ids of the
/// commands that its stream holds, as far as they are known.
struct KnownAggregate {
  private(set) var aggregate: Aggregate
  /// Hashes of the ids: one that is not among them is not in the stream.
  private var commandIDs: Set<Int> = []
  /// Whether the stream was seen from its beginning on.
  private var knowsAllIDs: Bool

  private static let commandIDsMax = 256

  init(_ aggregate: Aggregate) {
    self.aggregate = aggregate
    knowsAllIDs = aggregate.next == .first
  }

  /// Memory it takes, near enough for a cache's bound.
  var byteCount: Int { aggregate.byteCount + 16 * commandIDs.count }

  /// Takes in a commit that was appended at `next`.
  mutating func apply(_ commit: Commit) {
    aggregate.apply(commit)
    guard knowsAllIDs, let id = commit.commandID else { return }
    commandIDs.insert(id.hashValue)
    if commandIDs.count > Self.commandIDsMax {
      knowsAllIDs = false
      commandIDs = []
    }
  }

  /// Whether a command of this id may have been handled, as far as this process knows.
  func mayHold(_ commandID: String?) -> Bool {
    guard let commandID else { return false }
    return !knowsAllIDs || commandIDs.contains(commandID.hashValue)
  }
}
