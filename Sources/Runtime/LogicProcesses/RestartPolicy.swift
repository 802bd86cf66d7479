/// How soon a process that died is started again, and how it is stopped.
public struct RestartPolicy: Sendable {
  /// The longest wait after the first death. It doubles with every further one.
  public var delayInitial = Duration.milliseconds(200)
  /// The longest wait of all.
  public var delayMax = Duration.seconds(10)
  /// A process that lived so long was well; the waiting begins anew.
  public var healthyUptime = Duration.seconds(10)
  /// After so many deaths in a row, it is an error rather than a mishap.
  public var failuresMax = 3
  /// The time that it has after SIGTERM before it gets SIGKILL.
  public var stopGrace = Duration.seconds(5)

  public init() {}

  /// A random time of the upper half of what doubling gives, so that several processes that died
  /// of one cause do not come back in step.
  func delay(
    afterFailures failures: Int, using random: inout some RandomNumberGenerator
  ) -> Duration {
    var delay = min(delayInitial, delayMax)
    for _ in 1..<max(failures, 1) where delay < delayMax { delay = min(delay * 2, delayMax) }
    return delay * Double.random(in: 0.5...1, using: &random)
  }
}
