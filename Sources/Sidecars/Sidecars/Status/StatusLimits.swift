/// Thresholds beyond which the state of a process is a finding.
public struct StatusLimits: Sendable, Equatable {
  /// Age of the oldest unhandled commit of a consumer.
  public var lag = Duration.seconds(30)
  /// Free bytes that the store's file system needs.
  public var diskFree = 1 << 30
  /// Difference between two clocks. Leases and channels tolerate half a second.
  public var clockOffset = Duration.milliseconds(500)
  /// Remaining validity at which a certificate is due for renewal.
  public var certificateExpiry = Duration.seconds(14 * 86_400)
  /// Changes of a lease's holder within a minute.
  public var leaseChanges = 3

  public init() {}
}
