/// The bounds and times of a subscription.
public struct SubscriptionSettings: Sendable {
  /// Commits that are read ahead of the slowest delivery; then reading waits.
  public var windowMax = 1024
  /// Pages that go to the consumer in one book. A commit that is larger goes alone.
  public var bookBytesMax = 1 << 20
  /// How long the consumer may take for one book; then it counts as a failed try.
  public var deliveryTimeout = Duration.seconds(30)
  /// How often events that the consumer refuses are tried before their aggregate is parked.
  public var triesMax = 5
  /// Pauses between tries.
  public var retryDelayMin = Duration.milliseconds(50)
  public var retryDelayMax = Duration.seconds(10)
  /// How far apart two writes of the checkpoint are while there is work; once there is none, it is
  /// written at once, five times as often at most. What comes again after a crash is dropped, so a
  /// lagging checkpoint costs only time.
  public var checkpointInterval = Duration.milliseconds(500)
  /// How long the lease is held without a renewal: how long a crashed consumer's place stays empty.
  public var leaseDuration = Duration.seconds(5)

  public init() {}
}
