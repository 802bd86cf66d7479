import Timing

/// Decides when the logic's process is started, restarted and stopped.
///
/// A pure state machine: takes events and returns actions, which `LogicProcess` performs.
struct Supervision {
  enum Event {
    case begun
    case started
    case startFailed(SpawnError)
    case exited(uptime: Duration)
    case delayPassed
    case stopRequested
    case gracePassed
  }

  enum Action: Equatable {
    case nothing
    case start
    /// Report `delayPassed` after this time.
    case wait(Duration)
    /// Terminate the process, and report `gracePassed` after this time.
    case terminate(grace: Duration)
    case kill
    /// Supervision is over; with an error if the program never started.
    case finish(SpawnError?)
  }

  private enum State {
    case idle, starting, running, waiting, stopping, finished
  }

  private let policy: RestartPolicy
  private var random: any RandomNumberGenerator & Sendable
  private var backoff: Backoff
  private var state = State.idle
  private var hasRun = false
  /// Deaths in a row since it last ran well.
  private(set) var failures = 0
  /// True if restarts have not helped.
  var isFailing: Bool { failures >= policy.failuresMax }

  init(policy: RestartPolicy, random: any RandomNumberGenerator & Sendable) {
    self.policy = policy
    self.random = random
    backoff = policy.backoff
  }

  mutating func handle(_ event: Event) -> Action {
    switch (state, event) {
    case (.idle, .begun), (.waiting, .delayPassed):
      state = .starting
      return .start
    case (.starting, .started):
      state = .running
      hasRun = true
      return .nothing
    case (.starting, .startFailed(let error)):
      return hasRun ? retry() : finish(error)
    case (.running, .exited(let uptime)):
      if uptime >= policy.healthyUptime {
        failures = 0
        backoff.reset()
      }
      return retry()
    case (.running, .stopRequested):
      state = .stopping
      return .terminate(grace: policy.stopGrace)
    case (.stopping, .gracePassed): return .kill
    case (.stopping, .exited), (.waiting, .stopRequested), (.idle, .stopRequested):
      return finish(nil)
    default: return .nothing
    }
  }

  private mutating func retry() -> Action {
    state = .waiting
    failures += 1
    return .wait(backoff.next(random: random.next()))
  }

  private mutating func finish(_ error: SpawnError?) -> Action {
    state = .finished
    return .finish(error)
  }
}

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
