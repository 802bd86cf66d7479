import Timing

/// When a process that died is restarted, and how it is stopped.
public struct RestartPolicy: Sendable {
  /// Back-off between restarts, with jitter, so that processes that died of one cause do not
  /// restart in step.
  public var backoff = Backoff(from: .milliseconds(200), upTo: .seconds(10))
  /// After this uptime the back-off starts over.
  public var healthyUptime = Duration.seconds(10)
  /// After this many deaths in a row, the logic counts as failing.
  public var failuresMax = 3
  /// The time between SIGTERM and SIGKILL.
  public var stopGrace = Duration.seconds(5)

  public init() {}
}
