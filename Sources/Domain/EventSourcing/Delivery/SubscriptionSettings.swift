/// The bounds and intervals of a subscription.
public struct SubscriptionSettings: Sendable {
  /// Commits held for delivery, at which reading pauses. One aggregate holds half of them at
  /// most; a stuck one releases its commits, which are read again from its own stream.
  public var windowMax = 65_536
  /// Bytes of these commits, exceeded by at most one read.
  public var windowBytesMax = 16 << 20
  /// Aggregates with undelivered events, including stuck ones, at which reading pauses. With
  /// fewer stuck aggregates, all others flow.
  public var aggregatesMax = 8192
  /// Concurrent deliveries of books to the consumer.
  public var deliveriesMax = 128
  /// The same for a background subscription: calls of others wait behind these at most, in
  /// sockets, processors and the logic. A rebuild with 32 is as quick as with 128.
  public var backgroundDeliveriesMax = 32
  /// Most bytes of pages in one book. A single larger page goes alone.
  public var bookBytesMax = 1 << 20
  /// The consumer's time for one book, after which the try has failed.
  public var deliveryTimeout = Duration.seconds(30)
  /// Tries of refused events before their aggregate is parked.
  public var triesMax = 8
  /// The time over which these tries are spread, with growing pauses.
  public var retryTime = Duration.seconds(60)
  /// Back-off while the consumer refuses everything.
  public var retryDelayMin = Duration.milliseconds(50)
  public var retryDelayMax = Duration.seconds(10)
  /// The longest back-off while the consumer or the store is unavailable.
  public var awayDelayMax = Duration.seconds(1)
  /// Approximate tries a second while the consumer is unavailable: more aggregates pause longer.
  public var awayTriesMax = 1000
  /// Interval between retries of parked aggregates; zero: only a person retries them.
  public var parkedRetryInterval = Duration.zero
  /// Interval between checkpoint writes under load. Once idle, the checkpoint is written at once,
  /// at most five times as often. Events repeated after a crash are dropped, so a lagging
  /// checkpoint costs only time.
  public var checkpointInterval = Duration.milliseconds(500)
  /// Time a lease lasts without renewal, so the longest gap after a consumer crashes.
  public var leaseDuration = Duration.seconds(5)

  public init() {}
}
