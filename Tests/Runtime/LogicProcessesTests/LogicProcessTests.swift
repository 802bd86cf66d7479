import Glibc
import Logging
import SidecarConfiguration
import Testing
import Timing

@testable import LogicProcesses

/// Real processes. Each says on its standard output when it is where the test wants it.
@Suite(.timeLimit(.minutes(5))) struct LogicProcessTests {
  /// Runs a shell script as the logic, and hands each of its lines to `observe` until that says
  /// that it has seen enough; then stops it.
  private func run(
    _ script: String, environment: [String: String] = [:],
    until enough: @escaping @Sendable (String) -> Bool
  ) async throws -> [String] {
    let (lines, feed) = AsyncStream<OutputLine>.makeStream()
    var policy = RestartPolicy()
    policy.backoff = Backoff(from: .zero)
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
    guard let file = try? ConfigurationFile.read("/proc/\(pid)/stat", namedBy: nil) else {
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
    #expect(command.environment["OUTRIDER_LOGIC_PROTOCOL"] == "grpc")
    #expect(command.environment["OUTRIDER_PROJECTOR_ADDRESS"] == "127.0.0.1:1738")
    #expect(command.environment["PORT"] == "1737")
    #expect(command.environment["HOME"] == "/h")
    #expect(ChildCommand(of: DomainConfiguration(), environment: [:]) == nil)
  }

  @Test func logicBehindHTTPIsToldWhereAndHow() throws {
    var domain = DomainConfiguration(name: "bank")
    domain.logicAddress = LogicAddress("http://127.0.0.1:8080/functions")
    domain.logicCommand = ["x"]
    let command = try #require(ChildCommand(of: domain, environment: [:]))
    #expect(command.environment["OUTRIDER_LOGIC_ADDRESS"] == "127.0.0.1:8080")
    #expect(command.environment["OUTRIDER_LOGIC_PROTOCOL"] == "http")
  }

  @Test func programGetsNoneOfOutridersOwnVariables() throws {
    var domain = DomainConfiguration()
    domain.logicCommand = ["x"]
    let command = try #require(
      ChildCommand(
        of: domain,
        environment: ["OUTRIDER_STORE": "mongodb://u:secret@h/d", "OUTRIDER_TOKENS_KEYS": "k"]))
    let own = command.environment.keys.filter { $0.hasPrefix("OUTRIDER_") }
    #expect(own.sorted() == ["OUTRIDER_LOGIC_ADDRESS", "OUTRIDER_LOGIC_PROTOCOL"])
  }

  @Test func startedLogicGetsPortsOfItsOwn() throws {
    var domain = DomainConfiguration(projectors: [ProjectorConfiguration()])
    try domain.chooseAddresses()
    #expect(domain.logic.endpoint == .tcp(host: "127.0.0.1", port: 1737))

    domain.logicCommand = ["x"]
    try domain.chooseAddresses()
    guard case .tcp("127.0.0.1", let port) = domain.logic.endpoint,
      case .tcp("127.0.0.1", let other) = domain.projectors[0].logic
    else {
      Issue.record("not on loopback: \(domain.logic.endpoint)")
      return
    }
    #expect(port > 0 && other > 0 && port != other && port != 1737 && other != 1738)
  }

  @Test func portIsChosenOnlyWhereNoneIsGiven() throws {
    var domain = DomainConfiguration(projectors: [ProjectorConfiguration()])
    domain.logicCommand = ["x"]
    domain.logicAddress = LogicAddress(.tcp(host: "127.0.0.1", port: 1))
    domain.projectors[0].logicAddress = .tcp(host: "localhost", port: 0)
    try domain.chooseAddresses()
    #expect(domain.logic.endpoint == .tcp(host: "127.0.0.1", port: 1))
    guard case .tcp("localhost", let port) = domain.projectors[0].logic else {
      Issue.record("not on localhost: \(domain.projectors[0].logic)")
      return
    }
    #expect(port > 0)
  }

  /// A server's socket on a free port of loopback.
  private func listener() throws -> (socket: Descriptor, address: Endpoint) {
    let descriptor = Descriptor(owning: socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        #expect(bind(descriptor.number, pointer, length) == 0)
        #expect(listen(descriptor.number, 64) == 0)
        #expect(getsockname(descriptor.number, pointer, &length) == 0)
      }
    }
    let port = Int(UInt16(bigEndian: address.sin_port))
    return (descriptor, .tcp(host: "127.0.0.1", port: port))
  }

  private func process(at address: Endpoint) -> LogicProcess {
    LogicProcess(
      ChildCommand(name: "logic", arguments: ["true"], environment: [:], address: address),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  @Test func addressThatAnswersAlreadyIsRefused() async throws {
    let (socket, address) = try listener()
    let error = await #expect(throws: SpawnError.self) {
      try await process(at: address).requireAddress()
    }
    #expect(error?.code == EADDRINUSE)
    #expect(error?.description.contains("\(address)") == true)
    #expect(error?.description.contains("leave logic.address out") == true)
    withExtendedLifetime(socket) {}
  }

  @Test func addressThatNobodyAnswersIsTaken() async throws {
    let path = "/tmp/outrider-nobody-\(UInt64.random(in: 0 ... .max))"
    await #expect(throws: Never.self) {
      try await process(at: .unix(path: path)).requireAddress()
    }
  }
}
