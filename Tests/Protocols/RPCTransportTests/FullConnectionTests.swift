import RPC
import Synchronization
import Testing

@testable import RPCTransport

/// More calls than a server takes on one connection.
@Suite(.timeLimit(.minutes(5))) struct FullConnectionTests {
  /// Answers at once, and goes on until the client has had enough.
  private var endless: [Service] {
    service(
      "Endless",
      .bidirectional { [underWay] requests, responses, _ in
        underWay.begin()
        defer { underWay.end() }
        try await responses.send([1])
        for try await _ in requests {}
      })
  }
  private let underWay = UnderWay()
  private let streamsMax = 4

  private func configuration(connectionsPerPeerMax: Int = 1000) -> RPCServerConfiguration {
    var configuration = RPCServerConfiguration()
    configuration.limits.concurrentStreamsMax = streamsMax
    configuration.limits.connectionsPerPeerMax = connectionsPerPeerMax
    return configuration
  }

  /// A channel on one event loop.
  private func withChannel(
    to address: Address, connectionsMax: Int, _ body: (HTTP2Channel) async throws -> Void
  ) async throws {
    var configuration = HTTP2ChannelConfiguration()
    configuration.connectionsMax = connectionsMax
    let loops = EventLoops(threads: 1)
    let channel = HTTP2Channel(to: address, configuration, on: loops)
    try await body(channel)
    await channel.close()
    try await loops.shutdown()
  }

  private func answered(_ channel: HTTP2Channel) async throws -> ClientCall {
    let call = try await channel.stream(method("Endless"), CallOptions())
    var answers = call.responses.makeAsyncIterator()
    #expect(try await answers.next() == [1])
    return call
  }

  private func end(_ calls: [ClientCall]) async {
    for call in calls { call.finishSending() }
    for call in calls { _ = await call.status }
  }

  @Test func callsBeyondOneConnectionHaveOthers() async throws {
    try await withServer(endless, configuration()) { _, address, _ in
      try await withChannel(to: address, connectionsMax: 6) { channel in
        var calls: [ClientCall] = []
        for _ in 0..<(6 * streamsMax) { calls.append(try await answered(channel)) }
        #expect(underWay.most == 6 * streamsMax)
        await end(calls)
      }
    }
  }

  @Test func callsThatComeTogetherHaveOthers() async throws {
    try await withServer(endless, configuration()) { _, address, _ in
      try await withChannel(to: address, connectionsMax: 6) { channel in
        let calls = try await withThrowingTaskGroup { group in
          for _ in 0..<(6 * streamsMax) { group.addTask { try await answered(channel) } }
          return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(underWay.most == 6 * streamsMax)
        await end(calls)
      }
    }
  }

  @Test func callsBeyondAllConnectionsWaitForOneToEnd() async throws {
    try await withServer(endless, configuration()) { _, address, _ in
      try await withChannel(to: address, connectionsMax: 2) { channel in
        var calls: [ClientCall] = []
        for _ in 0..<(2 * streamsMax) { calls.append(try await answered(channel)) }
        try await withThrowingTaskGroup(of: ClientCall.self) { group in
          for _ in 0..<streamsMax { group.addTask { try await answered(channel) } }
          await end(calls)
          while let late = try await group.next() { await end([late]) }
        }
        #expect(underWay.most <= 2 * streamsMax)
      }
    }
  }

  @Test func callsWaitWhereTheServerTakesNoOtherConnection() async throws {
    try await withServer(endless, configuration(connectionsPerPeerMax: 1)) { _, address, _ in
      try await withChannel(to: address, connectionsMax: 6) { channel in
        var calls: [ClientCall] = []
        for _ in 0..<streamsMax { calls.append(try await answered(channel)) }
        try await withThrowingTaskGroup(of: ClientCall.self) { group in
          for _ in 0..<streamsMax { group.addTask { try await answered(channel) } }
          await end(calls)
          while let late = try await group.next() { await end([late]) }
        }
        #expect(underWay.most == streamsMax)
      }
    }
  }
}

/// Counts the calls that a server has at a time.
private final class UnderWay: Sendable {
  private let counts = Mutex((now: 0, most: 0))

  var most: Int { counts.withLock(\.most) }

  func begin() {
    counts.withLock { counts in
      counts.now += 1
      counts.most = max(counts.most, counts.now)
    }
  }

  func end() { counts.withLock { $0.now -= 1 } }
}
