import RPC
import RPCTransport
import Synchronization
import Testing

@Suite struct BalancedChannelTests {
  /// Servers that answer with their number, and their addresses.
  func withServers(
    _ count: Int, _ body: ([RPCServer], [Address]) async throws -> Void
  ) async throws {
    var servers: [RPCServer] = []
    var addresses: [Address] = []
    for number in 0..<count {
      let server = RPCServer(service("Who", .unary { _, _ in [UInt8(number)] }), on: loops)
      servers.append(server)
      addresses.append(try await server.listen(on: .tcp(host: "127.0.0.1", port: 0)))
    }
    try await body(servers, addresses)
    for server in servers { await server.shutdown(grace: .zero) }
  }

  func channel(
    _ policy: BalancedChannel.Policy = .roundRobin,
    _ addresses: @escaping @Sendable () -> [Address]
  ) -> BalancedChannel {
    var configuration = BalancedChannel.Configuration()
    configuration.policy = policy
    configuration.resolveIntervalMin = .zero
    configuration.retryDelay = .milliseconds(1)
    configuration.dropGrace = .zero
    configuration.channel.backoff.initial = .milliseconds(1)
    configuration.channel.backoff.max = .milliseconds(1)
    return BalancedChannel(configuration, on: loops) { () throws(RPCStatus) in addresses() }
  }

  func who(_ channel: BalancedChannel, _ count: Int = 1) async throws -> [UInt8] {
    var answers: [UInt8] = []
    for _ in 0..<count { answers += try await channel.unary(method("Who"), []) }
    return answers
  }

  @Test func callsGoRound() async throws {
    try await withServers(3) { _, addresses in
      let channel = channel { addresses }
      let answers1 = try await who(channel, 6)
      #expect(answers1 == [0, 1, 2, 0, 1, 2])
      await channel.close()
    }
  }

  @Test func firstServerKeepsTheCallsUntilItFails() async throws {
    try await withServers(2) { servers, addresses in
      let channel = channel(.pickFirst) { addresses }
      let answers2 = try await who(channel, 3)
      #expect(answers2 == [0, 0, 0])
      await servers[0].shutdown(grace: .zero)
      let answers3 = try await who(channel, 3)
      #expect(answers3 == [1, 1, 1])
      await channel.close()
    }
  }

  @Test func serverThatIsDownCostsNoCall() async throws {
    try await withServers(3) { servers, addresses in
      let channel = channel { addresses }
      _ = try await who(channel, 3)
      await servers[1].shutdown(grace: .zero)
      let answers = try await who(channel, 30)
      #expect(Set(answers) == [0, 2])
      await channel.close()
    }
  }

  @Test func failureHasTheAddressesAskedForAgain() async throws {
    try await withServers(2) { servers, addresses in
      let current = Mutex([addresses[0]])
      let channel = channel { current.withLock { $0 } }
      let answers4 = try await who(channel)
      #expect(answers4 == [0])
      current.withLock { $0 = [addresses[1]] }
      await servers[0].shutdown(grace: .zero)
      let answer = try await channel.unary(method("Who"), [], CallOptions(waitForReady: true))
      #expect(answer == [1])
      await channel.close()
    }
  }

  @Test func callThatWaitsEndsWithItsDeadline() async throws {
    let channel = channel { [] }
    let error = await #expect(throws: RPCStatus.self) {
      try await channel.unary(
        method("Who"), [], CallOptions(deadline: .after(.milliseconds(5)), waitForReady: true))
    }
    #expect(error?.code == .deadlineExceeded)
    let other = await #expect(throws: RPCStatus.self) { try await who(channel) }
    #expect(other?.code == .unavailable)
    await channel.close()
  }

  @Test func onlyAHostsNameIsResolved() {
    #expect(HostName(.tcp(host: "logic.shop", port: 7))?.host == "logic.shop")
    for host in ["127.0.0.1", "::1", "localhost"] {
      #expect(HostName(.tcp(host: host, port: 7)) == nil)
    }
    #expect(HostName(.unix(path: "/run/logic")) == nil)
  }

  @Test func nameIsResolvedToAllItsAddresses() async throws {
    let addresses = try await HostName("localhost", port: 7).addresses()
    #expect(addresses.contains(.tcp(host: "127.0.0.1", port: 7)))
    let error = await #expect(throws: RPCStatus.self) {
      try await HostName("no such name", port: 7).addresses()
    }
    #expect(error?.code == .unavailable)
  }
}
