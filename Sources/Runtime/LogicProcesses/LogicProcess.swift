import Glibc
import Logging
import ServiceLifecycle
import SidecarConfiguration
import Synchronization
import Threads
import Timing

/// Runs the team's program beside Outrider in development: starts it, shows its output, restarts
/// it when it dies, and stops it.
///
/// Its lines go to Outrider's standard output and error, each prefixed with its name. Its process
/// group ends with Outrider, even if Outrider is killed.
public final class LogicProcess: Service {
  private let command: ChildCommand
  private let policy: RestartPolicy
  private let logger: Logger
  private let write: @Sendable (OutputLine) -> Void
  /// The running process; nil: none.
  private let running = Mutex<pid_t?>(nil)
  private let failing = Mutex<(@Sendable () -> Void)?>(nil)
  private let events: AsyncStream<Supervision.Event>
  private let report: AsyncStream<Supervision.Event>.Continuation

  public convenience init(
    _ command: ChildCommand, policy: RestartPolicy = RestartPolicy(), logger: Logger
  ) {
    self.init(command, policy: policy, logger: logger) { $0.writeThrough(name: command.name) }
  }

  init(
    _ command: ChildCommand, policy: RestartPolicy, logger: Logger,
    write: @escaping @Sendable (OutputLine) -> Void
  ) {
    self.command = command
    self.policy = policy
    self.logger = logger
    self.write = write
    (events, report) = AsyncStream.makeStream()
  }

  /// Where the program must listen.
  package var address: Endpoint? { command.address }

  /// The running process; nil if there is none.
  package var pid: pid_t? { running.withLock { $0 } }

  /// Sets the handler, replacing the earlier one, that is called each time the process has died so
  /// often in a row that restarts do not help.
  package func onFailing(_ hear: @escaping @Sendable () -> Void) { failing.withLock { $0 = hear } }

  /// Throws `SpawnError` if a server already answers at the address: commands would go to it,
  /// whether the program shares the port or dies of it. A server that is about to end, such as the
  /// child of a killed Outrider, has two seconds to do so.
  package func requireAddress() async throws(SpawnError) {
    guard let address else { return }
    let isTaken: Bool
    do throws(ThreadFailure) {
      isTaken = try await ThreadPool(threads: 1).call {
        let end = Environment.live.instant() + .seconds(2)
        while address.isAnswered() {
          if Environment.live.instant() > end { return true }
          usleep(100_000)
        }
        return false
      }
    } catch {
      throw SpawnError(program: "\(address)", code: EAGAIN, advice: "\(error)")
    }
    guard isTaken else { return }
    throw SpawnError(
      program: "\(address)", code: EADDRINUSE,
      advice: "Commands would go to the server that answers there. Stop it, or leave logic.address "
        + "out, so that the logic gets a free port.")
  }

  /// Runs until the task is cancelled or the service group shuts down, and returns when the
  /// process has ended. Throws `SpawnError` if the program never starts. Call once.
  public func run() async throws {
    // A separate task, so that cancellation stops the process rather than abandoning it.
    let supervision = Task { await supervise() }
    let error = await withTaskCancellationHandler {
      await withGracefulShutdownHandler {
        await supervision.value
      } onGracefulShutdown: {
        self.report.yield(.stopRequested)
      }
    } onCancel: {
      report.yield(.stopRequested)
    }
    if let error { throw error }
  }

  private func supervise() async -> SpawnError? {
    var supervision = Supervision(policy: policy, random: SystemRandomNumberGenerator())
    var child: ChildProcess?
    report.yield(.begun)
    for await event in events {
      switch supervision.handle(event) {
      case .nothing: break
      case .start: child = start()
      case .wait(let delay):
        let metadata: Logger.Metadata = [
          "in": "\(delay.inUnits)", "endings": "\(supervision.failures)",
        ]
        if supervision.isFailing {
          logger.error("the logic ends again and again; commands wait for it", metadata: metadata)
          failing.withLock(\.self)?()
        } else {
          logger.info("starting the logic again soon", metadata: metadata)
        }
        report(.delayPassed, after: delay)
      case .terminate(let grace):
        child?.terminate()
        report(.gracePassed, after: grace)
      case .kill:
        logger.warning("the logic did not end in time and is killed")
        child?.kill()
      case .finish(let error): return error
      }
    }
    return nil
  }

  private func start() -> ChildProcess? {
    do throws(SpawnError) {
      let child = try ChildProcess(command)
      let startedAt = Environment.live.instant()
      logger.info(
        "started the logic",
        metadata: ["command": "\(command.arguments.joined(separator: " "))", "pid": "\(child.pid)"])
      report.yield(.started)
      running.withLock { $0 = child.pid }
      Task { [self] in
        let status = await child.finish(writing: write)
        running.withLock { $0 = nil }
        logger.notice("the logic has ended", metadata: ["status": "\(status)"])
        report.yield(.exited(uptime: startedAt.duration(to: Environment.live.instant())))
      }
      return child
    } catch {
      logger.error("the logic cannot be started", metadata: ["reason": "\(error)"])
      report.yield(.startFailed(error))
      return nil
    }
  }

  private func report(_ event: Supervision.Event, after delay: Duration) {
    Task { [report] in
      // This task is never cancelled, so the sleep does not fail.
      try? await Environment.live.sleep(delay)
      report.yield(event)
    }
  }
}
