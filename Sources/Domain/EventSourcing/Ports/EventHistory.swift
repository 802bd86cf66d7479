import EventModel

/// Reads one domain's events: its aggregates' streams, and the log that orders them all. Either
/// an event store, or another process that reads one for the caller.
///
/// Keeps the promises of `EventStore` about reading: dense, ordered, total.
public protocol EventHistory: Sendable {
  /// The domain of these events.
  var domain: Name { get }

  /// The number of the log's partitions; fixed when the domain was created.
  var partitions: UInt32 { get }

  /// Returns commits of one aggregate in order and without gaps, starting with the one that
  /// contains `lower`.
  func commits(
    of root: Root, from lower: SequenceNumber, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit]

  /// Returns commits of a partition in log order, after `position`. Positions that it skips
  /// before the last commit are settled.
  func log(
    after position: Position, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit]

  /// Returns the last commit of the partition's settled prefix; number 0 if there is none. Every
  /// position up to there is settled, so a reader that starts there misses nothing. Excludes
  /// commits behind an unsettled position. Does not wait.
  func head(ofPartition partition: UInt32) async throws(StorageError) -> Position

  /// Waits until the log may have commits after `position`. May return early, and returns on
  /// cancellation; the caller reads again.
  func waitForLog(after position: Position) async
}
