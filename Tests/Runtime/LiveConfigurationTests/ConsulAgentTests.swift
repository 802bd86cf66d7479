import Downloads
import Logging
import SidecarConfiguration
import Testing
import Timing

@testable import LiveConfiguration

@Suite(.timeLimit(.minutes(5))) struct ConsulAgentTests {
  private func agent(
    at server: ScriptedAgent, token: String? = nil
  ) throws -> ConsulAgent {
    let key = try #require(ConsulKey("consul://127.0.0.1:\(server.port)/outrider/bank"))
    return try ConsulAgent(key, environment: token.map { ["CONSUL_HTTP_TOKEN": $0] } ?? [:])
  }

  @Test func valueComesWithItsIndex() async throws {
    let server = try await ScriptedAgent([.answer(200, "threads: 2\n", index: "7")])
    let answer = try await agent(at: server, token: "secret").read()
    #expect(answer.value == Array("threads: 2\n".utf8))
    #expect(answer.index == 7)
    #expect(
      server.requests == [.init(path: "/v1/kv/outrider/bank?raw&index=0&wait=0s", token: "secret")])
    try await server.close()
  }

  @Test func changeIsWaitedForFromAnIndexOn() async throws {
    let server = try await ScriptedAgent([.answer(200, index: "9")])
    _ = try await agent(at: server).read(after: 8, wait: .seconds(60))
    #expect(
      server.requests == [.init(path: "/v1/kv/outrider/bank?raw&index=8&wait=60s", token: nil)])
    try await server.close()
  }

  @Test func keyThatIsMissingHasNoValue() async throws {
    let server = try await ScriptedAgent([.answer(404, index: "3")])
    let answer = try await agent(at: server).read()
    #expect(answer.value == nil)
    #expect(answer.index == 3)
    try await server.close()
  }

  @Test(arguments: ["", "x", "-1", "18446744073709551616", "７"])
  func indexThatIsNoNumberIsNone(_ text: String) async throws {
    let server = try await ScriptedAgent([.answer(200, "a", index: text)])
    #expect(try await agent(at: server).read().index == nil)
    try await server.close()
  }

  @Test func forbiddenKeyIsAMistakeOfTheConfiguration() async throws {
    let server = try await ScriptedAgent([.answer(403, "Permission denied")])
    let agent = try agent(at: server, token: "secret")
    let error = await #expect(throws: SidecarError.self) { _ = try await agent.read() }
    #expect(error?.kind == .configuration)
    #expect(error?.description.contains("CONSUL_HTTP_TOKEN") == true)
    #expect(error?.description.contains("secret") == false)
    try await server.close()
  }

  /// Whatever comes instead of an answer is a failure that another try may cure.
  @Test(arguments: [
    .answer(500, "No cluster leader"), .answer(301),
    .answer(200, String(repeating: "a", count: 2 << 20)),
    "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", "no HTTP at all\r\n\r\n", "\0\0\0\0",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", "",
    "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
  ])
  func anythingElseIsAFailureThatMayPass(_ bytes: String) async throws {
    let server = try await ScriptedAgent([bytes])
    let agent = try agent(at: server)
    let error = await #expect(throws: (any Error).self) { _ = try await agent.read() }
    #expect(error is DownloadError || (error as? SidecarError)?.kind == .unavailable, "\(error!)")
    try await server.close()
  }

  @Test func waitEndsWithItsTask() async throws {
    let server = try await ScriptedAgent([])
    let agent = try agent(at: server)
    let reading = Task { try await agent.read(after: 1, wait: .seconds(60)) }
    while server.requests.isEmpty { await Task.yield() }
    reading.cancel()
    await #expect(throws: CancellationError.self) { _ = try await reading.value }
    try await server.close()
  }

  @Test(arguments: ["a b", "a\r\nx: y", "ä"]) func tokenThatCannotBeSentIsRefused(_ token: String)
    throws
  {
    let key = try #require(ConsulKey("consul://127.0.0.1/a"))
    let error = #expect(throws: SidecarError.self) {
      _ = try ConsulAgent(key, environment: ["CONSUL_HTTP_TOKEN": token])
    }
    #expect(error?.description.contains(token) == false)
  }

  // MARK: The start of a process

  private func reader(at port: Int, time: Environment = .live) throws -> ConfigurationReader {
    let text = "consul://127.0.0.1:\(port)/outrider/bank"
    let choice = try #require(try ConfigurationLocation.choose(flag: text, environment: [:]))
    return ConfigurationReader(choice, environment: [:], time: time)
  }

  @Test func missingKeyIsNamedWithWhatPutsIt() async throws {
    let server = try await ScriptedAgent([.answer(404)])
    let reader = try reader(at: server.port)
    let error = await #expect(throws: ConfigurationError.self) { _ = try await reader.read() }
    #expect(error?.isOfUnreadableFile == true)
    #expect(error?.description.contains(#"has no key "outrider/bank""#) == true)
    #expect(error?.description.contains("consul kv put outrider/bank @outrider.yaml") == true)
    try await server.close()
  }

  @Test func commandFailsAtOnceWithoutAnAgent() async throws {
    let server = try await ScriptedAgent([])
    try await server.close()
    let reader = try reader(at: server.port)
    let error = await #expect(throws: SidecarError.self) { _ = try await reader.read() }
    #expect(error?.kind == .unavailable)
    #expect(error?.description.contains("127.0.0.1:\(server.port)") == true)
  }

  @Test func serverWaitsForTheAgentAndSaysSoOnce() async throws {
    let server = try await ScriptedAgent([
      .answer(500), .answer(500), .answer(500), .answer(200, "threads: 2"),
    ])
    var time = Environment.live
    time.sleep = { _ in await Task.yield() }
    let log = RecordedLog()
    let file = try await reader(at: server.port, time: time).readWhenThere(log.logger)
    #expect(file.bytes == Array("threads: 2".utf8))
    #expect(server.requests.count == 4)
    #expect(log.lines == ["waiting for the Consul agent, which has the configuration"])
    try await server.close()
  }
}
