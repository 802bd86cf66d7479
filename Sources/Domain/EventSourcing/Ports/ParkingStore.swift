import EventModel
import StatusCodes

/// The aggregates that each consumer of one domain refuses.
public protocol ParkingStore: Sendable {
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
  public var statusCode: StatusCode
  /// How often it was tried, over all retries.
  public var tries: Int
  public var parkedAt: Timestamp

  public init(
    subscription: Name, root: Root, firstSequence: SequenceNumber, reason: String,
    statusCode: StatusCode, tries: Int, parkedAt: Timestamp
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
