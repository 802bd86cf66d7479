/// The bounds and times of a durable subscription's consumer.
public struct ConsumerSettings: Sendable {
  /// Commits that each lane's window spans, and the most that a consumer may ask for.
  public var window = 256
  public static let windowMax = 10_000
  /// Consumers of one name in one domain. One more is refused.
  public var seatsMax = 256
  /// How long a lane stays with a consumer that crashed.
  public var leaseDuration = Duration.seconds(5)
  /// How often leases are renewed and seats confirmed: a third of a lease, so that one may fail.
  public var renewalInterval = Duration.seconds(5) / 3
  /// How far apart two writes of a lane's checkpoint are.
  public var checkpointInterval = Duration.milliseconds(500)
  /// How long a consumer pauses at least between two looks at the others.
  public var pace = Duration.milliseconds(20)
  /// Commits and bytes of one read of the log.
  public var readLimit = ReadLimit(count: 256, bytes: 256 << 10)

  public init() {}
}
