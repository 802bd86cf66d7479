import Glibc
import Synchronization
import Threads

/// A running program in a process group of its own (`pid_t`).
///
/// The owner must call `finish`, the only place that reaps it.
final class ChildProcess: Sendable {
  let pid: pid_t
  private let output: ChildOutput
  private let watchdog: Watchdog
  /// Two threads, each blocked while the process lives.
  private let copying: ThreadPool
  private let waiting: ThreadPool
  /// Once reaped, the number may belong to another process, so it is not signalled any more.
  private let isReaped = Mutex(false)

  init(_ command: ChildCommand) throws(SpawnError) {
    let (outputRead, outputWrite) = try Descriptor.pipe()
    let (errorRead, errorWrite) = try Descriptor.pipe()
    output = try ChildOutput(output: outputRead, error: errorRead)
    do throws(ThreadFailure) {
      copying = try ThreadPool(threads: 1)
      waiting = try ThreadPool(threads: 1)
    } catch {
      throw SpawnError(program: command.arguments[0], code: EAGAIN, advice: "\(error)")
    }
    pid = try spawn(command, input: nil, output: outputWrite, error: errorWrite)
    do throws(SpawnError) {
      watchdog = try Watchdog(processGroup: pid)
    } catch {
      _ = Glibc.kill(-pid, SIGKILL)
      _ = waitpid(pid, nil, 0)
      throw error
    }
  }

  /// Sends SIGTERM to the whole group.
  func terminate() { signal(SIGTERM) }

  /// Sends SIGKILL to the whole group.
  func kill() { signal(SIGKILL) }

  /// Passes on every line that the group writes until the process ends, then kills the rest of its
  /// group. Call once.
  func finish(writing write: @escaping @Sendable (OutputLine) -> Void) async -> ExitStatus {
    async let written: Void = copying.call { self.output.copy(to: write) }
    let status = await waiting.call { self.waitAndReap() }
    await written
    return status
  }

  private func waitAndReap() -> ExitStatus {
    var info = siginfo_t()
    // Leaves the process a zombie, so that its number, which is its group's, is not reused before
    // the group is gone.
    while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    signal(SIGKILL)
    let status = isReaped.withLock { isReaped in
      var status: Int32 = 0
      while waitpid(pid, &status, 0) < 0, errno == EINTR {}
      isReaped = true
      return status
    }
    watchdog.dismiss()
    output.finish()
    return ExitStatus(waitStatus: status)
  }

  private func signal(_ signal: Int32) {
    isReaped.withLock { isReaped in
      // ESRCH, the only possible failure, means that it has ended already.
      if !isReaped { _ = Glibc.kill(-pid, signal) }
    }
  }
}

/// How a process ended.
enum ExitStatus: Equatable, CustomStringConvertible {
  case exited(Int32)
  case signalled(Int32)

  /// Decodes `waitpid`'s status: wait(2), `WIFEXITED` and its siblings.
  init(waitStatus: Int32) {
    let signal = waitStatus & 0x7F
    self = signal == 0 ? .exited(waitStatus >> 8 & 0xFF) : .signalled(signal)
  }

  var description: String {
    switch self {
    case .exited(let code): "exit code \(code)"
    case .signalled(let signal): "signal \(signal)"
    }
  }
}
