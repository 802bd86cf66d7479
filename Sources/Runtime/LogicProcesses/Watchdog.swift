import Glibc

/// Ends a process group when Outrider ends, however that happens, SIGKILL included.
///
/// The kernel can do so for one process (`PR_SET_PDEATHSIG`), but not for its children, and it
/// takes the end of the thread that started it for the end of the parent. So a shell waits for
/// the end of a pipe of which only we hold the other end, and then kills the group.
final class Watchdog: Sendable {
  private let pid: pid_t
  private let lifeline: Descriptor

  init(processGroup: pid_t) throws(SpawnError) {
    let (read, write) = try Descriptor.pipe()
    let script = "read -r _; kill -s KILL -- -\(processGroup)"
    let command = ChildCommand(
      name: "watchdog", arguments: ["/bin/sh", "-c", script], environment: [:])
    pid = try spawn(command, input: read, output: nil, error: nil)
    lifeline = write
  }

  /// Lets the group be; it has ended already.
  func dismiss() {
    // It must be gone before the lifeline is, or it would still kill.
    _ = kill(pid, SIGKILL)
    while waitpid(pid, nil, 0) < 0, errno == EINTR {}
  }
}
