import EventModel

/// How far each consumer of one domain's log has come, and what it made of it.
///
/// A *subscription* is named by its consumer, a projector or a saga. Its checkpoint is a low-water
/// mark and may lag; the record of each aggregate is exact, so that what comes again is dropped.
public protocol SubscriptionStore: Sendable {
  // MARK: Checkpoints

  /// Everything up to here was handled or parked. Number 0 where nothing was.
  func checkpoint(of subscription: Name, partition: UInt32) async throws(StorageError) -> Position

  /// Moves the checkpoint forward; a lower position changes nothing. Throws `.fenced` where the
  /// lease is no longer the holder's.
  func advance(
    _ subscription: Name, to position: Position, holding lease: Lease
  ) async throws(StorageError)

  // MARK: What was made of each aggregate

  /// The consumer's record of an aggregate; nil where it handled none of its events.
  func record(of subscription: Name, root: Root) async throws(StorageError) -> ConsumerRecord?

  /// Writes the record, if the stored one still ends at `previous` (0: there is none).
  /// False where it does not: someone else has handled these events.
  func save(
    _ record: ConsumerRecord, after previous: SequenceNumber
  ) async throws(StorageError) -> Bool

  /// Records in the order of their roots, beginning behind `root`.
  func records(
    of subscription: Name, after root: Root?, limit: ReadLimit
  ) async throws(StorageError) -> [ConsumerRecord]

  /// Records that changed after `revision`, in the order of their revisions; of an aggregate that
  /// changed often, only the latest.
  func changes(
    of subscription: Name, after revision: UInt64, limit: ReadLimit
  ) async throws(StorageError) -> [ConsumerRecord]

  /// Waits until `changes` may have something behind `revision`, as `waitForLog` does.
  func waitForChanges(of subscription: Name, after revision: UInt64) async

  // MARK: Parked aggregates

  /// Parks an aggregate, or replaces what is stored of one that is parked already.
  func park(_ aggregate: ParkedAggregate) async throws(StorageError)

  /// Takes out an aggregate that is parked at the event `first`; without effect where it is not
  /// parked, or parked at another event.
  func unpark(
    _ subscription: Name, root: Root, at first: SequenceNumber
  ) async throws(StorageError)

  /// How the subscription parked the aggregate; nil where it did not. One keyed look-up.
  func parked(
    by subscription: Name, root: Root
  ) async throws(StorageError) -> ParkedAggregate?

  /// The subscription's parked aggregates in the order of their roots, beginning behind `root`.
  func parked(
    by subscription: Name, after root: Root?, limit: Int
  ) async throws(StorageError) -> [ParkedAggregate]

  // MARK: Leases

  /// Takes the lease if it is free, expired or the owner's already; nil where another holds it.
  /// Each new holder's token is higher than every one before.
  func acquire(
    _ name: Name, owner: Name, duration: Duration
  ) async throws(StorageError) -> Lease?

  /// Gives the lease back early; without effect where it is no longer the holder's.
  func release(_ lease: Lease) async throws(StorageError)
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
  public var revision: UInt64

  public init(
    subscription: Name, root: Root, next: SequenceNumber, value: Bytes?, updatedAt: Timestamp,
    revision: UInt64 = 0
  ) {
    self.subscription = subscription
    self.root = root
    self.next = next
    self.value = value
    self.updatedAt = updatedAt
    self.revision = revision
  }
}

/// An aggregate whose events one consumer refuses, set aside so that all others flow on.
///
/// It is in force as long as the consumer has handled nothing from `firstSequence` on. Progress
/// beyond that, by whichever process, makes it a leftover, which stops no delivery.
public struct ParkedAggregate: Equatable, Sendable {
  public var subscription: Name
  public var root: Root
  /// The first event that was not handled.
  public var firstSequence: SequenceNumber
  /// What the consumer said, for a person to read.
  public var reason: String
  /// Its gRPC status code.
  public var statusCode: Int
  /// How often it was tried, over all retries.
  public var tries: Int
  public var parkedAt: Timestamp

  public init(
    subscription: Name, root: Root, firstSequence: SequenceNumber, reason: String,
    statusCode: Int, tries: Int, parkedAt: Timestamp
  ) {
    self.subscription = subscription
    self.root = root
    self.firstSequence = firstSequence
    self.reason = reason
    self.statusCode = statusCode
    self.tries = tries
    self.parkedAt = parkedAt
  }
}

/// The right to be the one active consumer, until it expires.
public struct Lease: Equatable, Sendable {
  public var name: Name
  public var owner: Name
  /// The fencing token: higher than that of every earlier holder.
  public var token: UInt64

  public init(name: Name, owner: Name, token: UInt64) {
    self.name = name
    self.owner = owner
    self.token = token
  }
}
