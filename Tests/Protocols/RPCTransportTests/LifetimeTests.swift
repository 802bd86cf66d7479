import RPC
import RPCTransport
import Synchronization
import Testing

/// Connections that end while calls go on.
@Suite(.timeLimit(.minutes(5))) struct LifetimeTests {
  static let echo = service("Echo", .unary { message, _ in message })

  @Test func oldConnectionGoesAndNoCallIsLost() async throws {
    var restless = RPCServerConfiguration()
    restless.connectionAgeMax = .milliseconds(5)
    try await withServer(Self.echo, restless) { channel, _, _ in
      let clock = ContinuousClock()
      let end = clock.now + .milliseconds(200)
      // About forty connections, one after the other, and none of these calls fails.
      try await withThrowingTaskGroup { group in
        for task in 0..<8 {
          group.addTask {
            while clock.now < end {
              let answer = try await channel.unary(method("Echo"), [UInt8(task)])
              #expect(answer == [UInt8(task)])
            }
          }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test func idleConnectionIsClosed() async throws {
    var hasty = RPCServerConfiguration()
    hasty.connectionIdleMax = .milliseconds(1)
    try await withServer(Self.echo, hasty) { _, address, _ in
      let client = try await ForeignClient.connect(address)
      await confirmation { closed in
        await client.waitUntilClosed()
        closed()
      }
    }
  }

  @Test func callOnAnOldConnectionMayEndWithinTheGrace() async throws {
    var restless = RPCServerConfiguration()
    restless.connectionAgeMax = .milliseconds(1)
    restless.connectionAgeGrace = .milliseconds(1)
    let services = service("Hang", .unary { _, _ in try await waitForCancellation() })
    try await withServer(services, restless) { channel, _, _ in
      let error = await #expect(throws: RPCStatus.self) {
        try await channel.unary(method("Hang"), [])
      }
      #expect(error?.code == .unavailable)
    }
  }

  /// A server that goes while calls are on their way, and another that takes its place. Calls that
  /// wait for a connection never fail.
  @Test func noCallIsLostWhenAServerIsReplaced() async throws {
    let first = RPCServer(Self.echo, on: loops)
    let address = try await first.listen(on: .unshared)
    var settings = HTTP2ChannelConfiguration()
    settings.backoff.delayMin = .milliseconds(1)
    settings.backoff.delayMax = .milliseconds(5)
    let channel = HTTP2Channel(to: address, settings, on: loops)
    let answered = try await withThrowingTaskGroup(of: Int.self) { group in
      for task in 0..<64 {
        group.addTask {
          for number in 0..<100 {
            let message = [UInt8(task), UInt8(number)]
            let answer = try await channel.unary(
              method("Echo"), message, CallOptions(waitForReady: true))
            #expect(answer == message)
          }
          return 100
        }
      }
      await first.shutdown(grace: .seconds(10))
      let second = RPCServer(Self.echo, on: loops)
      _ = try await second.listen(on: address)
      var sum = 0
      for try await count in group { sum += count }
      await channel.close()
      await second.shutdown(grace: .zero)
      return sum
    }
    #expect(answered == 6400)
  }

  @Test func thousandsOfCallsEndWhileTheServerShutsDown() async throws {
    let gate = Signal()
    let handled = Mutex(0)
    let services = service(
      "Wait",
      .unary { message, _ in
        try await gate.wait()
        handled.withLock { $0 += 1 }
        return message
      })
    let started = Counter()
    var settings = HTTP2ChannelConfiguration()
    settings.unseenRetriesMax = 0
    try await withServer(services, client: settings) { channel, _, server in
      let codes = try await withThrowingTaskGroup(of: RPCStatus.Code.self) { group in
        for _ in 0..<2000 {
          group.addTask {
            await started.add()
            return await status { () throws(RPCStatus) in
              _ = try await channel.unary(method("Wait"), [1])
            }.code
          }
        }
        await started.wait(for: 2000)
        async let end: Void = server.shutdown(grace: .seconds(30))
        gate.happen()
        await end
        return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
      }
      // Whatever was begun ended well; the server never saw the others, and says so.
      let answered = codes[.ok, default: 0]
      #expect(answered == handled.withLock { $0 })
      #expect(answered + codes[.unavailable, default: 0] == 2000)
    }
  }
}

/// How often something happened, for whoever waits for it.
actor Counter {
  private var count = 0
  private var waiter: (count: Int, continuation: CheckedContinuation<Void, Never>)?

  func add() {
    count += 1
    if let waiter, count >= waiter.count {
      waiter.continuation.resume()
      self.waiter = nil
    }
  }

  func wait(for wanted: Int) async {
    if count >= wanted { return }
    await withCheckedContinuation { waiter = (wanted, $0) }
  }
}
