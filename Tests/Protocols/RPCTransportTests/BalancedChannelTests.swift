import RPC
import RPCTransport
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct BalancedChannelTests {
  static let loopback = Address.tcp(host: "127.0.0.1", port: 0)

  /// Answers with its number.
  func server(_ number: Int) -> RPCServer {
    RPCServer(service("Who", .unary { _, _ in [UInt8(number)] }), on: loops)
  }

  /// Servers that answer with their number, and their addresses.
  func withServers(
    _ count: Int, _ body: ([RPCServer], [Address]) async throws -> Void
  ) async throws {
    let servers = (0..<count).map { server($0) }
    var addresses: [Address] = []
    for server in servers { addresses.append(try await server.listen(on: Self.loopback)) }
    try await body(servers, addresses)
    for server in servers { await server.shutdown(grace: .zero) }
  }

  /// Where nobody listens any more.
  func deserted() async throws -> Address {
    let server = server(0)
    let address = try await server.listen(on: .unshared)
    await server.shutdown(grace: .zero)
    return address
  }

  func channel(
    _ policy: BalancedChannel.Policy = .roundRobin, on loops: EventLoops = loops,
    _ addresses: @escaping @Sendable () -> [Address]
  ) -> BalancedChannel {
    var configuration = BalancedChannel.Configuration()
    configuration.policy = policy
    configuration.resolveIntervalMin = .milliseconds(1)
    configuration.dropGrace = .seconds(60)
    configuration.channel.backoff.delayMin = .milliseconds(1)
    configuration.channel.backoff.delayMax = .milliseconds(1)
    configuration.channel.connectTimeout = .seconds(600)
    return BalancedChannel(configuration, on: loops) { () throws(RPCStatus) in addresses() }
  }

  func who(_ channel: BalancedChannel, _ count: Int = 1) async throws -> [UInt8] {
    var answers: [UInt8] = []
    for _ in 0..<count { answers += try await channel.unary(method("Who"), []) }
    return answers
  }

  /// Calls until each of these has answered; throws if a call fails, or waits for what never comes.
  func call(_ channel: BalancedChannel, until expected: Set<UInt8>) async throws {
    var seen: Set<UInt8> = []
    let options = CallOptions(deadline: .after(.seconds(60)))
    while seen != expected { seen.formUnion(try await channel.unary(method("Who"), [], options)) }
  }

  @Test func callsGoRoundAmongTheServersThatAreReady() async throws {
    let loops = EventLoops(threads: 1)
    try await withServers(3) { _, addresses in
      let addresses = [try await deserted()] + addresses
      let channel = channel(on: loops) { addresses }
      try await call(channel, until: [0, 1, 2])
      let answers = try await who(channel, 30)
      for number in UInt8(0)..<3 { #expect(answers.count { $0 == number } == 10) }
      await channel.close()
    }
    try await loops.shutdown()
  }

  @Test(arguments: [0, 100]) func serverThatSaysNothingHoldsUpNoCall(_ backlog: Int32) async throws
  {
    let silence = try await Silence(backlog: backlog)
    try await withServers(2) { _, addresses in
      let channel = channel { [silence.address] + addresses }
      try await call(channel, until: [0, 1])
      #expect(Set(try await who(channel, 10)) == [0, 1])
      await channel.close()
    }
    try await silence.end()
  }

  @Test func serverThatStartsLaterTakesItsTurn() async throws {
    try await withServers(1) { _, addresses in
      let address = try await deserted()
      let channel = channel { [address] + addresses }
      let answers = try await who(channel, 10)
      #expect(Set(answers) == [0])
      let late = server(1)
      _ = try await late.listen(on: address)
      try await call(channel, until: [0, 1])
      await channel.close()
      await late.shutdown(grace: .zero)
    }
  }

  @Test func callFailsOnceEveryServerHas() async throws {
    let addresses = [try await deserted(), try await deserted()]
    for policy in [BalancedChannel.Policy.roundRobin, .pickFirst] {
      let channel = channel(policy) { addresses }
      let error = await #expect(throws: RPCStatus.self) { try await who(channel) }
      #expect(error?.code == .unavailable)
      #expect(error?.isNeverProcessed == true)
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
      try await call(channel, until: [0, 1, 2])
      await servers[1].shutdown(grace: .zero)
      let answers = try await who(channel, 30)
      #expect(!answers.contains(1))
      try await call(channel, until: [0, 2])
      await channel.close()
    }
  }

  @Test func callMayEndOnAServerThatIsNoLongerMeant() async throws {
    let (began, mayEnd) = (Signal(), Signal())
    let slow = Handler.unary { _, _ in
      began.happen()
      try await mayEnd.wait()
      return [7]
    }
    let old = RPCServer(service("Slow", slow), on: loops)
    let oldAddress = try await old.listen(on: Self.loopback)
    try await withServers(1) { _, addresses in
      let current = Mutex([oldAddress])
      var configuration = BalancedChannel.Configuration()
      configuration.resolveInterval = .zero
      let channel = BalancedChannel(configuration, on: loops) { () throws(RPCStatus) in
        current.withLock { $0 }
      }
      let caller = Task { try await channel.unary(method("Slow"), []) }
      try await began.wait()
      current.withLock { $0 = addresses }
      while await status(of: { () throws(RPCStatus) in
        _ = try await channel.unary(method("Who"), [])
      })
      .code != .ok {}
      mayEnd.happen()
      let answer = try await caller.value
      #expect(answer == [7])
      await channel.close()
    }
    await old.shutdown(grace: .zero)
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

  @Test func callDoesNotOutliveItsDeadlineWhereNoNameServerAnswers() async throws {
    let isAnswered = Signal()
    let channel = BalancedChannel(on: loops) { () async throws(RPCStatus) in
      try? await isAnswered.wait()
      return []
    }
    for waits in [false, true] {
      let options = CallOptions(deadline: .after(.milliseconds(20)), waitForReady: waits)
      let error = await #expect(throws: RPCStatus.self) {
        try await channel.unary(method("Who"), [], options)
      }
      #expect(error?.code == .deadlineExceeded)
    }
    isAnswered.happen()
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
