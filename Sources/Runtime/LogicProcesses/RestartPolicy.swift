import Timing

/// How soon a process that died is started again, and how it is stopped.
public struct RestartPolicy: Sendable {
  /// The waits before it is started again: spread, so that several processes that died of one cause
  /// do not come back in step.
  public var backoff = Backoff(from: .milliseconds(200), upTo: .seconds(10))
  /// A process that lived so long was well; the waiting begins anew.
  public var healthyUptime = Duration.seconds(10)
  /// After so many deaths in a row, it is an error rather than a mishap.
  public var failuresMax = 3
  /// The time that it has after SIGTERM before it gets SIGKILL.
  public var stopGrace = Duration.seconds(5)

  public init() {}
}
