import EventModel

/// What may be read of one domain's events: its aggregates' streams, and the log that orders them
/// all. An event store, or another process that reads it on behalf of the caller.
///
/// Keeps the promises of `EventStore` that are about reading: dense, ordered, total.
public protocol EventHistory: Sendable {
  /// The domain whose events these are.
  var domain: Name { get }

  /// How many partitions the log has; fixed when the domain was created.
  var partitions: UInt32 { get }

  /// Commits of one aggregate in order and without a gap, beginning with the one that holds
  /// `lower`.
  func commits(
    of root: Root, from lower: SequenceNumber, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit]

  /// Commits of a partition in log order, beginning behind `position`. What it leaves out before
  /// the last of them is settled.
  func log(
    after position: Position, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit]

  /// The last commit of the partition's settled prefix; number 0 where there is none. Every
  /// position up to there is settled, so a reader that starts behind it misses nothing. Commits
  /// that are visible behind an unsettled position are not counted. Does not wait.
  func head(ofPartition partition: UInt32) async throws(StorageError) -> Position

  /// Waits until the log may hold something behind `position`. It may come back early, and comes
  /// back at the latest when the task is cancelled; the caller reads again and sees.
  func waitForLog(after position: Position) async
}
