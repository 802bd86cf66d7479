import Glibc
import Logging
import Testing

@testable import SidecarRuntime

/// Real processes. Each says on its standard output when it is where the test wants it.
@Suite(.timeLimit(.minutes(1))) struct LogicProcessTests {
  /// Runs a shell script as the logic, and hands each of its lines to `observe` until that says
  /// that it has seen enough; then stops it.
  private func run(
    _ script: String, environment: [String: String] = [:],
    until enough: @escaping @Sendable (String) -> Bool
  ) async throws -> [String] {
    let (lines, feed) = AsyncStream<OutputLine>.makeStream()
    var policy = RestartPolicy()
    policy.delayInitial = .zero
    let process = LogicProcess(
      ChildCommand(
        name: "logic", arguments: ["sh", "-c", script],
        environment: environment.merging(["PATH": "/bin:/usr/bin"]) { own, _ in own }),
      policy: policy, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) { feed.yield($0) }
    return try await withThrowingTaskGroup { group in
      group.addTask {
        try await process.run()
        feed.finish()
      }
      var seen: [String] = []
      for await line in lines {
        seen.append(String(decoding: line.bytes, as: UTF8.self))
        if enough(seen[seen.count - 1]) { group.cancelAll() }
      }
      try await group.waitForAll()
      return seen
    }
  }

  /// Whether a process is there, other than as a zombie that waits for its own parent.
  private func isAlive(_ pid: String) -> Bool {
    guard kill(Int32(pid) ?? 0, 0) == 0 else { return false }
    guard let file = try? ConfigurationFile.find(flag: "/proc/\(pid)/stat", environment: [:]) else {
      return false
    }
    return !String(decoding: file.bytes, as: UTF8.self).contains(") Z ")
  }

  @Test func linesOfBothStreamsAreShown() async throws {
    let lines = try await run("echo out; echo err >&2; printf 'no end'; sleep 1000 & wait") {
      $0 == "err"
    }
    #expect(Set(lines).isSuperset(of: ["out", "err"]))
  }

  @Test func processThatDiedIsStartedAgain() async throws {
    let lines = try await run("echo $$") { [starts = Counter()] _ in starts.next() == 3 }
    #expect(Set(lines).count >= 3)
  }

  @Test func lastWordsAreShown() async throws {
    let lines = try await run("printf 'a\\nlast words'; exit 3") { $0 == "last words" }
    #expect(lines.starts(with: ["a", "last words"]))
  }

  @Test func wholeGroupEndsWithTheProcess() async throws {
    let lines = try await run("sleep 1000 & echo $!; echo $$; echo ready; wait") { $0 == "ready" }
    #expect(!isAlive(lines[0]))
    #expect(!isAlive(lines[1]))
  }

  @Test func groupIsLeftWithoutOrphansWhenTheProcessDiesByItself() async throws {
    let lines = try await run("sleep 1000 & echo $!; exit 1") { [starts = Counter()] _ in
      starts.next() == 2
    }
    #expect(!isAlive(lines[0]))
  }

  @Test func programThatIsNotThereIsAnError() async {
    let process = LogicProcess(
      ChildCommand(name: "logic", arguments: ["/no/such/program"], environment: [:]),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    await #expect(throws: SpawnError(program: "/no/such/program", code: ENOENT)) {
      try await process.run()
    }
  }

  @Test func processHasNoDescriptorsButItsThree() async throws {
    let lines = try await run("ls /proc/self/fd | wc -w; echo done; sleep 1000") { $0 == "done" }
    // The fourth is the one by which `ls` reads the directory.
    #expect(lines[0].filter { $0 != " " } == "4")
  }

  @Test func logicLearnsItsAddresses() async throws {
    var domain = DomainConfiguration(name: "bank", projectors: [ProjectorConfiguration()])
    domain.logicCommand = ["x"]
    let command = try #require(ChildCommand(of: domain, environment: ["HOME": "/h"]))
    #expect(command.name == "bank")
    #expect(command.environment["OUTRIDER_LOGIC_ADDRESS"] == "127.0.0.1:1737")
    #expect(command.environment["OUTRIDER_PROJECTOR_ADDRESS"] == "127.0.0.1:1738")
    #expect(command.environment["PORT"] == "1737")
    #expect(command.environment["HOME"] == "/h")
    #expect(ChildCommand(of: DomainConfiguration(), environment: [:]) == nil)
  }

  @Test func freePortIsChosenOnlyWhereNoneIsGiven() throws {
    let fixed = Endpoint.tcp(host: "127.0.0.1", port: 1)
    #expect(try fixed.withPortChosen() == fixed)
    guard
      case .tcp("localhost", let port) = try Endpoint.tcp(host: "localhost", port: 0)
        .withPortChosen()
    else { return #expect(Bool(false)) }
    #expect(port > 0)
  }
}
