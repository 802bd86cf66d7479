import EventModel
import StatusCodes

/// The parked aggregates of one domain's consumers.
public protocol ParkingStore: Sendable {
  /// Parks an aggregate, or replaces its stored state if it is parked already.
  func park(_ aggregate: ParkedAggregate) async throws(StorageError)

  /// Removes an aggregate that is parked at the event `first`; no effect if it is not parked, or
  /// parked at another event.
  func unpark(
    _ subscription: Name, root: Root, at first: SequenceNumber
  ) async throws(StorageError)

  /// Returns the subscription's parked aggregate; nil if it is not parked. One keyed look-up.
  func parked(
    by subscription: Name, root: Root
  ) async throws(StorageError) -> ParkedAggregate?

  /// Returns the subscription's parked aggregates ordered by root, after `root`.
  func parked(
    by subscription: Name, after root: Root?, limit: Int
  ) async throws(StorageError) -> [ParkedAggregate]
}

/// An aggregate whose events one consumer refuses, set aside so that all others continue.
///
/// It is in force while the consumer has handled nothing from `firstSequence` on. Progress beyond
/// that, in any process, makes it a leftover, which stops no delivery.
public struct ParkedAggregate: Equatable, Sendable {
  public var subscription: Name
  public var root: Root
  /// The first unhandled event.
  public var firstSequence: SequenceNumber
  /// The consumer's error message, for people.
  public var reason: String
  public var statusCode: StatusCode
  /// The number of tries, over all retries.
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
