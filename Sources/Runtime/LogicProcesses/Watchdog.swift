import Glibc

/// Kills a process group when Outrider ends, even by SIGKILL.
///
/// The kernel can do this for one process (`PR_SET_PDEATHSIG`), but not for its children, and it
/// watches the parent's thread rather than the parent. So a shell reads a pipe that only we hold
/// open, and kills the group at its end.
final class Watchdog: Sendable {
  /// The shell.
  let pid: pid_t
  private let lifeline: Descriptor

  init(processGroup: pid_t) throws(SpawnError) {
    let (read, write) = try Descriptor.pipe()
    let script = "read -r _; kill -s KILL -- -\(processGroup)"
    let command = ChildCommand(
      name: "watchdog", arguments: ["/bin/sh", "-c", script], environment: [:])
    pid = try spawn(command, input: read, output: nil, error: nil)
    lifeline = write
  }

  /// Stops watching: the group has ended.
  func dismiss() {
    // Kill the shell before closing the lifeline, or it would still kill the group.
    _ = kill(pid, SIGKILL)
    while waitpid(pid, nil, 0) < 0, errno == EINTR {}
  }
}
