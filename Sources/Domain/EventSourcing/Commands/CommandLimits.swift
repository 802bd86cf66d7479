/// The bounds of the command path, and what happens at each.
public struct CommandLimits: Sendable {
  /// Pages and snapshot of one commit; a larger one is refused with INVALID_ARGUMENT. A quarter of
  /// a message of 4 MiB is left for what stands beside it: cover, ids, headers, a projection, a
  /// command.
  public var commitBytesMax = 3 << 20
  /// Whether a snapshot of any size has room, because it need not be in its commit.
  public var snapshotsLieElsewhere = false
  /// History that business logic gets with a command; from this size on, `CommandEvent.longHistory`
  /// warns, because a peer of gRPC takes 4 MiB unless told otherwise.
  public var historyBytesWarned = 1 << 20
  /// Commands that wait for one root; the next one is refused with RESOURCE_EXHAUSTED.
  public var waitingPerRootMax = 1000
  /// How often the logic is asked for one command when other writers are faster; then ABORTED.
  public var attemptsMax = 5

  public init() {}
}
