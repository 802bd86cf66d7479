/// The bounds of the command path, and what happens at each.
public struct CommandLimits: Sendable {
  /// Bytes of one commit's pages and snapshot; a larger one is refused with INVALID_ARGUMENT.
  /// That leaves a quarter of a message of 4 MiB for the rest: cover, ids, headers, a projection,
  /// a command.
  public var commitBytesMax = 3 << 20
  /// Whether a snapshot may have any size, because it need not be in its commit.
  public var snapshotsLieElsewhere = false
  /// Bytes of history sent with a command at which `CommandEvent.longHistory` warns: a gRPC peer
  /// takes 4 MiB unless configured otherwise.
  public var historyBytesWarned = 1 << 20
  /// Commands waiting for one root; the next one is refused with RESOURCE_EXHAUSTED.
  public var waitingPerRootMax = 1000
  /// Attempts for one command when other writers win; then ABORTED.
  public var attemptsMax = 5

  public init() {}
}
