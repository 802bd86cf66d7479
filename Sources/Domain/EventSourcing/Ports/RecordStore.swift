import EventModel

/// The records of one domain's consumers, one for each aggregate. A record states the exact next
/// event.
public protocol RecordStore: Sendable {
  /// Returns the consumer's record of an aggregate; nil if it handled none of its events.
  func record(of subscription: Name, root: Root) async throws(StorageError) -> ConsumerRecord?

  /// Writes the record if the stored one still ends at `previous` (0: there is none). Returns
  /// false if not: another caller has handled these events.
  func save(
    _ record: ConsumerRecord, after previous: SequenceNumber
  ) async throws(StorageError) -> Bool

  /// Removes some of a subscription's obsolete records. Watchers of its changes are not notified.
  ///
  /// - Returns: the number removed, at most `limit`; 0 if none are left.
  func removeRecords(of subscription: Name, limit: Int) async throws(StorageError) -> Int

  /// Returns records ordered by root, after `root`.
  func records(
    of subscription: Name, after root: Root?, limit: ReadLimit
  ) async throws(StorageError) -> [ConsumerRecord]

  /// Returns records that changed after `revision`, ordered by revision; only the latest for each
  /// aggregate.
  func changes(
    of subscription: Name, after revision: Revision, limit: ReadLimit
  ) async throws(StorageError) -> [ConsumerRecord]

  /// Waits until `changes` may have records after `revision`, as `waitForLog` does.
  func waitForChanges(of subscription: Name, after revision: Revision) async
}

/// A consumer's result for one aggregate, and its progress.
public struct ConsumerRecord: Equatable, Sendable {
  public var subscription: Name
  public var root: Root
  /// The first unhandled event.
  public var next: SequenceNumber
  /// The projection's value, an `Any` in wire form; nil for a consumer that keeps its own.
  public var value: Bytes?
  public var updatedAt: Timestamp
  /// Increases with every record that the domain stores; set by the store.
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
