import EventModel

/// What each consumer made of each aggregate of one domain. A record is exact: it says which event
/// is the next.
public protocol RecordStore: Sendable {
  /// The consumer's record of an aggregate; nil where it handled none of its events.
  func record(of subscription: Name, root: Root) async throws(StorageError) -> ConsumerRecord?

  /// Writes the record, if the stored one still ends at `previous` (0: there is none).
  /// False where it does not: someone else has handled these events.
  func save(
    _ record: ConsumerRecord, after previous: SequenceNumber
  ) async throws(StorageError) -> Bool

  /// Removes some of a subscription's records that nobody needs any more. Who watches its changes
  /// hears nothing of it.
  ///
  /// - Returns: how many were removed, at most `limit`; 0 where there are none.
  func removeRecords(of subscription: Name, limit: Int) async throws(StorageError) -> Int

  /// Records in the order of their roots, beginning behind `root`.
  func records(
    of subscription: Name, after root: Root?, limit: ReadLimit
  ) async throws(StorageError) -> [ConsumerRecord]

  /// Records that changed after `revision`, in the order of their revisions; of an aggregate that
  /// changed often, only the latest.
  func changes(
    of subscription: Name, after revision: Revision, limit: ReadLimit
  ) async throws(StorageError) -> [ConsumerRecord]

  /// Waits until `changes` may have something behind `revision`, as `waitForLog` does.
  func waitForChanges(of subscription: Name, after revision: Revision) async
}

/// What a consumer made of one aggregate, and how far it has come.
public struct ConsumerRecord: Equatable, Sendable {
  public var subscription: Name
  public var root: Root
  /// The first event that is not handled yet.
  public var next: SequenceNumber
  /// The projection's value, an `Any` in wire form; nil for a consumer that keeps its own.
  public var value: Bytes?
  public var updatedAt: Timestamp
  /// Rises with every record that the domain stores; the store sets it.
  public var revision: Revision

  public init(
    subscription: Name, root: Root, next: SequenceNumber, value: Bytes?, updatedAt: Timestamp,
    revision: Revision = 0
  ) {
    self.subscription = subscription
    self.root = root
    self.next = next
    self.value = value
    self.updatedAt = updatedAt
    self.revision = revision
  }
}
