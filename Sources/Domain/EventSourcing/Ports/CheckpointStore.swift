import EventModel

/// How far each subscription to one domain's log has come.
///
/// A *subscription* is named by its consumer, a projector or a saga. Its checkpoint is a low-water
/// mark and may lag: what comes again is dropped by the consumer's record of the aggregate.
public protocol CheckpointStore: Sendable {
  /// Everything up to here was handled or parked. Number 0 where nothing was.
  func checkpoint(of subscription: Name, partition: UInt32) async throws(StorageError) -> Position

  /// Moves the checkpoint forward; a lower position changes nothing. Throws `.fenced` where the
  /// lease is no longer the holder's.
  func advance(
    _ subscription: Name, to position: Position, holding lease: Lease
  ) async throws(StorageError)
}
