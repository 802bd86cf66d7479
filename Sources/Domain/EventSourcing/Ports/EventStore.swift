import EventModel

/// One domain's events: its aggregates' streams, and the log that orders them all.
///
/// Every adapter keeps these promises, and `Contracts` tests them:
/// - *Atomic*: a commit is there with all its pages and its snapshot, or not at all.
/// - *Durable*: when `append` answers `.appended`, the commit survives a crash.
/// - *Dense*: an aggregate's sequence numbers count from 0 without a gap; positions count from 1
///   in each partition. A position that the log leaves out was given up by a writer that failed:
///   it is settled, and no commit will ever have it.
/// - *Ordered*: no reader sees a position before every lower one of its partition is settled, and
///   an aggregate's commits have rising positions.
/// - *Idempotent*: a command id is stored with its commit, for as long as the commit lives.
/// - *Total*: stored bytes that are not what was written are never trusted. A read gives what lies
///   before the damage; the read that begins at it throws `.corrupt` and names the place. A reader
///   of the log goes on behind `Damage.position`: other aggregates are not affected. One aggregate
///   has no way past its damage, since what follows builds on it.
public protocol EventStore: EventHistory, CauseIndex {
  /// Appends a commit if its first page is the aggregate's next, and its command id is new.
  ///
  /// Many calls may be under way at once, and are written in groups. A call that is cancelled may
  /// or may not have appended. Throws `.unavailable` where nothing is known to be written.
  func append(_ commit: Commit) async throws(StorageError) -> AppendOutcome

  /// Sees to it that no command of this id appends to the aggregate from now on: what is under way
  /// answers `.barred`, and so does what comes later. May be repeated: the first end stays.
  ///
  /// - Parameter end: how the command ended.
  /// - Returns: what the command has come to. Where it has appended before, nothing is barred.
  func bar(
    _ commandID: String, of root: Root, as end: EndWithoutEvents
  ) async throws(StorageError) -> CommandConclusion

  /// The number that the aggregate's next event gets; 0 where it does not exist.
  func next(of root: Root) async throws(StorageError) -> SequenceNumber

  /// The latest snapshot and all pages after it. Throws `.corrupt` where any of them is missing.
  func load(_ root: Root) async throws(StorageError) -> Aggregate

  /// The latest snapshot; nil where there is none. For readers that take the events after it in
  /// portions.
  func snapshot(of root: Root) async throws(StorageError) -> Snapshot?

  /// The last commit of the partition that is stored, settled or not; number 0 where there is none.
  /// What `append` answered before this was asked lies at or before it, so a read of the log that
  /// ends here leaves nothing out. Does not wait; that read may, where something is not settled.
  func lastCommit(ofPartition partition: UInt32) async throws(StorageError) -> Position

  /// What a command of this id has come to at the aggregate; nil where it has not ended, or ended
  /// without events and was not barred.
  func conclusion(
    of root: Root, commandID: String
  ) async throws(StorageError) -> CommandConclusion?

  /// The domain's aggregates in the order of their roots, beginning behind `root`.
  func roots(after root: Root?, limit: Int) async throws(StorageError) -> [Root]
}

/// What became of an append.
public enum AppendOutcome: Equatable, Sendable {
  case appended(Position)
  /// The aggregate's next number is not the commit's first: someone else was faster. No commit with
  /// the command's id is stored below that number.
  case conflict(next: SequenceNumber)
  /// A command of this id has appended before; nothing was written. This is what it appended.
  case alreadyHandled(RecordedCommit)
  /// The command's id was barred: nothing was written, nor ever will be. This is how it ended.
  case barred(EndWithoutEvents)
}

extension EventStore {
  /// The commit that a command of this id appended to the aggregate.
  public func commit(
    of root: Root, commandID: String
  ) async throws(StorageError) -> RecordedCommit? {
    guard case .appended(let recorded)? = try await conclusion(of: root, commandID: commandID)
    else { return nil }
    return recorded
  }
}
