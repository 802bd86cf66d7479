import Glibc
import Testing

@testable import LogicProcesses

@Suite(.timeLimit(.minutes(5))) struct WatchdogTests {
  private let sleeper = ChildCommand(
    name: "sleeper", arguments: ["sleep", "1000"], environment: ["PATH": "/bin:/usr/bin"])

  @Test func groupIsKilledWhenTheLifelineGoes() throws {
    let pid = try spawn(sleeper, input: nil, output: nil, error: nil)
    var watchdog: Watchdog? = try Watchdog(processGroup: pid)
    let shell = try #require(watchdog).pid
    watchdog = nil
    var status: Int32 = 0
    waitpid(pid, &status, 0)
    #expect(ExitStatus(waitStatus: status) == .signalled(SIGKILL))
    // Left a zombie, it would keep a test in a process of its own from ever ending.
    waitpid(shell, nil, 0)
  }

  @Test func dismissedWatchdogHarmsNobody() throws {
    let pid = try spawn(sleeper, input: nil, output: nil, error: nil)
    try Watchdog(processGroup: pid).dismiss()
    #expect(kill(pid, 0) == 0)
    kill(-pid, SIGTERM)
    var status: Int32 = 0
    waitpid(pid, &status, 0)
    #expect(ExitStatus(waitStatus: status) == .signalled(SIGTERM))
  }
}
