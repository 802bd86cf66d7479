/// Settings of aggregate states in the function style.
public struct StateSettings: Sendable, Equatable {
  /// Stores a snapshot with the commit that makes this many events since the last one.
  public var snapshotEvents = 100
  /// The same for this many bytes of events.
  public var snapshotBytes = 256 << 10
  /// The most bytes of events in one call of `apply`, except that one event always fits. A
  /// quarter of a gRPC server's default limit, since the state comes with them.
  public var portionBytes = 1 << 20
  /// Whether to fold each new event twice, to detect an `apply` that is not deterministic.
  public var checksApply = false

  public init() {}
}
