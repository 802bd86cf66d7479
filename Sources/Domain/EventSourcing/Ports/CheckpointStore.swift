import EventModel

/// The checkpoints of the subscriptions to one domain's log.
///
/// A *subscription* is named by its consumer, a projector or a saga. Its checkpoint is a
/// low-water mark and may lag: the consumer's record of the aggregate detects repeated events.
public protocol CheckpointStore: Sendable {
  /// Every commit up to here was handled or parked. Number 0 if none was.
  func checkpoint(of subscription: Name, partition: UInt32) async throws(StorageError) -> Position

  /// Moves the checkpoint forward; a lower position changes nothing. Throws `.fenced` if the
  /// caller no longer holds the lease.
  func advance(
    _ subscription: Name, to position: Position, holding lease: Lease
  ) async throws(StorageError)
}
