/// The bounds and times of a subscription.
public struct SubscriptionSettings: Sendable {
  /// Commits that are held for delivery; then reading waits. One aggregate has half of them at
  /// most; those of one that is stuck are let go, and are read again from its own stream.
  public var windowMax = 65_536
  /// Bytes of these commits, give or take one read.
  public var windowBytesMax = 16 << 20
  /// Aggregates that have something to deliver, those that are stuck among them; then reading
  /// waits. So many may be stuck, and all others flow.
  public var aggregatesMax = 8192
  /// Books that are with the consumer at a time.
  public var deliveriesMax = 128
  /// The same in the background: others' calls wait behind so many at most, in sockets, processors
  /// and the logic. A rebuild with 32 is as quick as with 128.
  public var backgroundDeliveriesMax = 32
  /// Pages that go to the consumer in one book. A single larger page goes alone.
  public var bookBytesMax = 1 << 20
  /// How long the consumer may take for one book; then it counts as a failed try.
  public var deliveryTimeout = Duration.seconds(30)
  /// How often events that the consumer refuses are tried before their aggregate is parked.
  public var triesMax = 8
  /// The time over which these tries are spread, with growing pauses.
  public var retryTime = Duration.seconds(60)
  /// The shortest pause between tries, and the longest while the consumer refuses everything.
  public var retryDelayMin = Duration.milliseconds(50)
  public var retryDelayMax = Duration.seconds(10)
  /// The longest pause between tries while the consumer or the store is away.
  public var awayDelayMax = Duration.seconds(1)
  /// Tries a second while the consumer is away, give or take half of them: pauses of more
  /// aggregates than these are longer.
  public var awayTriesMax = 1000
  /// How far apart the tries of parked aggregates are; zero: they wait for a person.
  public var parkedRetryInterval = Duration.zero
  /// How far apart two writes of the checkpoint are while there is work; once there is none, it is
  /// written at once, five times as often at most. What comes again after a crash is dropped, so a
  /// lagging checkpoint costs only time.
  public var checkpointInterval = Duration.milliseconds(500)
  /// How long the lease is held without a renewal: how long a crashed consumer's place stays empty.
  public var leaseDuration = Duration.seconds(5)

  public init() {}
}
