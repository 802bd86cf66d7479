/// From where on the state of a process is a finding.
public struct StatusLimits: Sendable, Equatable {
  /// The age of the first commit that a consumer has not handled.
  public var lag = Duration.seconds(30)
  /// Bytes that the store's file system must have left.
  public var diskFree = 1 << 30
  /// How far two clocks may be apart. Leases and channels bear half a second.
  public var clockOffset = Duration.milliseconds(500)
  /// How long before it expires a certificate is to be renewed.
  public var certificateExpiry = Duration.seconds(14 * 86_400)
  /// Changes of a lease's holder within a minute.
  public var leaseChanges = 3

  public init() {}
}
