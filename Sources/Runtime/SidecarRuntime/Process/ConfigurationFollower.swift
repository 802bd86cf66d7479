import CallSecurity
import LiveConfiguration
import Logging
import Metrics
import ServiceLifecycle
import SidecarConfiguration
import Synchronization
import Telemetry
import Tracing

/// What is needed to follow a configuration that changes.
public struct ConfigurationChanges: Sendable {
  let sources: ConfigurationSources
  let watch: ConfigurationWatch
  let log: LogOutput

  /// Nil if nothing can change: there is no file, or it cannot be read a second time.
  ///
  /// - Parameters:
  ///   - sources: the sources at the start. Flags and environment win over each new text, too.
  ///   - log: the output whose level may change.
  public init?(
    of sources: ConfigurationSources, log: LogOutput, logger: Logger
  ) throws(SidecarError) {
    guard let file = sources.file,
      let watch = try ConfigurationWatch(
        of: file, environment: sources.environment, logger: logger)
    else { return nil }
    self.sources = sources
    self.watch = watch
    self.log = log
  }
}

/// Applies changes that a running process can take, and tells log and metrics which settings wait
/// for a restart.
final class ConfigurationFollower: ServiceLifecycle.Service, Measured {
  private struct State {
    var running: Configuration
    /// Changed settings that need a restart.
    var waiting: [String] = []
  }

  private let changes: ConfigurationChanges
  private let policy: PolicyGuard?
  private let tracer: Tracer?
  private let logger: Logger
  private let state: Mutex<State>

  /// - Parameters:
  ///   - policy: decides on calls; nil: callers need not authenticate.
  ///   - tracer: nil: no spans.
  init(
    _ changes: ConfigurationChanges, policy: PolicyGuard?, tracer: Tracer?, logger: Logger
  ) throws(ConfigurationError) {
    self.changes = changes
    self.policy = policy
    self.tracer = tracer
    self.logger = logger
    state = Mutex(State(running: try changes.sources.resolve()))
  }

  func run() async {
    await cancelWhenGracefulShutdown { [self] in
      await changes.watch.run { take($0) }
    }
  }

  /// Applies a new text, or refuses it as a whole.
  private func take(_ file: ConfigurationFile) {
    var sources = changes.sources
    sources.file = file
    let wanted: Configuration
    do throws(ConfigurationError) { wanted = try sources.resolve() } catch {
      logger.warning(
        "the new configuration is wrong; the one that runs stays",
        metadata: ["error": "\(error.problems.map(\.description).joined(separator: "; "))"])
      return
    }
    let (change, waited) = state.withLock { state in
      let change = ConfigurationChange(from: state.running, to: wanted)
      defer { state = State(running: change.running, waiting: change.waiting) }
      return (change, state.waiting)
    }
    changes.log.setLevel(change.running.log.level)
    tracer?.setRate(change.running.traces.sample)
    policy?.replace(by: change.running.checkedPolicy)
    tell(change, waited)
  }

  private func tell(_ change: ConfigurationChange, _ waited: [String]) {
    if !change.taken.isEmpty {
      logger.notice("\(change.taken.joined(separator: ", ")) changed, and holds from now on")
    }
    if !change.waiting.isEmpty {
      logger.warning(
        "\(change.waiting.joined(separator: ", ")) changed; restart to take it up")
    } else if !waited.isEmpty {
      logger.notice("the configuration is what runs; no restart is needed any more")
    }
  }

  func write(to exposition: inout Exposition) {
    exposition.family(
      "outrider_configuration_settings_waiting", .gauge,
      "Settings that changed since the start, and need a restart."
    ) { $0.add(UInt64(state.withLock { $0.waiting.count })) }
  }
}
