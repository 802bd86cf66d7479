import EventModel

/// One domain's events: its aggregates' streams, and the log that orders them all.
///
/// Every adapter keeps these promises, and `Contracts` tests them:
/// - *Atomic*: a commit is stored with all its pages and its snapshot, or not at all.
/// - *Durable*: once `append` returns `.appended`, the commit survives a crash.
/// - *Dense*: an aggregate's sequence numbers count from 0 without a gap; positions count from 1
///   in each partition. A writer that failed gave up the positions that the log skips: they are
///   settled, and no commit will ever have them.
/// - *Ordered*: no reader sees a position before every lower one of its partition is settled, and
///   an aggregate's commits have ascending positions.
/// - *Idempotent*: a command id is stored with its commit, for as long as the commit lives.
/// - *Total*: damaged bytes are never trusted. A read returns the commits before the damage; a
///   read that begins at it throws `.corrupt` with the place. A reader of the log continues
///   behind `Damage.position`: other aggregates are not affected. A reader of the damaged
///   aggregate cannot continue, because later events build on the lost ones.
public protocol EventStore: EventHistory, CauseIndex {
  /// Appends a commit if its first page is the aggregate's next, and its command id is new.
  ///
  /// Concurrent calls are written in groups. A cancelled call may or may not have appended.
  /// Throws `.unavailable` if no write is known to have happened.
  func append(_ commit: Commit) async throws(StorageError) -> AppendOutcome

  /// Bars a command id: no append with this id succeeds for the aggregate from now on. Appends
  /// under way and later ones return `.barred`. Idempotent: the first end stays.
  ///
  /// - Parameter end: how the command ended.
  /// - Returns: how the command ended. If it has already appended, nothing is barred.
  func bar(
    _ commandID: String, of root: Root, as end: EndWithoutEvents
  ) async throws(StorageError) -> CommandConclusion

  /// Returns the number of the aggregate's next event; 0 if it does not exist.
  func next(of root: Root) async throws(StorageError) -> SequenceNumber

  /// Returns the latest snapshot and all pages after it. Throws `.corrupt` if any is missing.
  func load(_ root: Root) async throws(StorageError) -> Aggregate

  /// Returns the latest snapshot; nil if there is none. For readers that read the later events in
  /// portions.
  func snapshot(of root: Root) async throws(StorageError) -> Snapshot?

  /// Returns the last stored commit of the partition, settled or not; number 0 if there is none.
  /// Every commit acknowledged before this call has at most this position, so a read of the log
  /// up to here misses none. Does not wait; that read may, for unsettled positions.
  func lastCommit(ofPartition partition: UInt32) async throws(StorageError) -> Position

  /// Returns how a command with this id ended at the aggregate; nil if it has not ended, or ended
  /// without events and was not barred.
  func conclusion(
    of root: Root, commandID: String
  ) async throws(StorageError) -> CommandConclusion?

  /// Returns the domain's aggregates ordered by root, after `root`.
  func roots(after root: Root?, limit: Int) async throws(StorageError) -> [Root]
}

/// The result of an append.
public enum AppendOutcome: Equatable, Sendable {
  case appended(Position)
  /// The aggregate's next number is not the commit's first: another writer was faster. No commit
  /// below that number has the command's id.
  case conflict(next: SequenceNumber)
  /// A command with this id has already appended this commit; nothing was written.
  case alreadyHandled(RecordedCommit)
  /// The command's id is barred: nothing was written, or ever will be. It ended like this.
  case barred(EndWithoutEvents)
}

extension EventStore {
  /// Returns the commit that a command with this id appended to the aggregate.
  public func commit(
    of root: Root, commandID: String
  ) async throws(StorageError) -> RecordedCommit? {
    guard case .appended(let recorded)? = try await conclusion(of: root, commandID: commandID)
    else { return nil }
    return recorded
  }
}
