/// The bounds and intervals of a durable subscription's consumer.
public struct ConsumerSettings: Sendable {
  /// Commits that a lane's window spans, and the most that a consumer may request.
  public var window = 256
  public static let windowMax = 10_000
  /// Consumers of one name in one domain. One more is refused.
  public var seatsMax = 256
  /// Longest time that a crashed consumer keeps a lane.
  public var leaseDuration = Duration.seconds(5)
  /// Interval of renewing leases and confirming seats: a third of a lease, so that one may fail.
  public var renewalInterval = Duration.seconds(5) / 3
  /// Interval between writes of a lane's checkpoint.
  public var checkpointInterval = Duration.milliseconds(500)
  /// Least pause between two reads of the other seats.
  public var pace = Duration.milliseconds(20)
  /// Limit of one read of the log.
  public var readLimit = ReadLimit(count: 256, bytes: 256 << 10)

  public init() {}
}
