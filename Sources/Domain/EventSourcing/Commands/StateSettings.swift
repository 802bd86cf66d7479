/// How the states of aggregates are kept in the function style.
public struct StateSettings: Sendable, Equatable {
  /// A snapshot is stored with the commit that makes this many events since the one before,
  public var snapshotEvents = 100
  /// or events of this size.
  public var snapshotBytes = 256 << 10
  /// The most events, in bytes, that one call of `apply` gets, but one event at least. A quarter of
  /// what gRPC's servers take unless told otherwise: the state comes with them.
  public var portionBytes = 1 << 20
  /// Whether new events are folded twice, one by one, to find out whether `apply` is a function.
  public var checksApply = false

  public init() {}
}
