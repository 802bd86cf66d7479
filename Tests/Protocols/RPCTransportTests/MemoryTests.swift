import HTTP2
import NIOPosix
import RPC
import Testing

@testable import RPCTransport

/// What calls hold is bounded, and counted until their handlers have ended.
@Suite(.timeLimit(.minutes(5))) struct MemoryTests {
  static let text = Message(repeating: 0x61, count: 1 << 20)

  static func services(_ gate: Signal, _ begun: Counter = Counter()) -> [Service] {
    [
      Service(
        "test.Test",
        [
          "Echo": .unary { message, _ in message },
          "Hang": .unary { message, _ in
            await begun.add()
            try await gate.wait()
            return []
          },
          "HangStream": .serverStreaming { message, _, _ in
            await begun.add()
            try await gate.wait()
          },
          "HangChat": .bidirectional { requests, _, _ in
            var requests = requests.makeAsyncIterator()
            _ = try await requests.next()
            await begun.add()
            try await gate.wait()
          },
          "Hold": .serverStreaming { _, responses, context in
            for _ in 0..<100 {
              try await context.hold(100_000)
              try await responses.send([1])
              try await context.hold(-100_000)
            }
            try await context.hold(1 << 20)
          },
        ])
    ]
  }

  static func bounded(process: Int = 256 << 20, connection: Int = 64 << 20)
    -> RPCServerConfiguration
  {
    var narrow = RPCServerConfiguration()
    narrow.limits.memoryBytesMax = process
    narrow.limits.connectionBytesMax = connection
    return narrow
  }

  /// A few KiB on the wire that become 3 MiB at the handler.
  @Test(arguments: ["Hang", "HangStream", "HangChat"])
  func unpackedMessageCountsUntilItsHandlerHasEnded(_ name: String) async throws {
    let (gate, begun) = (Signal(), Counter())
    let services = Self.services(gate, begun)
    let text = Message(repeating: 0x61, count: 3 << 20)
    try await withServer(services, Self.bounded(process: 5 << 20)) { channel, _, _ in
      let zipped = CallOptions(compression: .gzip)
      let first = try await channel.serverStreaming(method(name), text, zipped)
      await begun.wait(for: 1)
      let second = try await channel.serverStreaming(method(name), text, zipped)
      #expect(await second.status.code == .resourceExhausted)
      gate.happen()
      _ = await first.status
      let answer = try await channel.unary(method("Echo"), Self.text, zipped)
      #expect(answer == Self.text)
    }
  }

  /// Compressed messages without an end: none is unpacked before its request has ended.
  @Test func requestWithoutEndStaysPacked() async throws {
    let gate = Signal()
    try await withServer(Self.services(gate), Self.bounded(connection: 500_000)) {
      channel, address, _ in
      let packed = Gzip.compress(Self.text)
      let client = try await ForeignClient.connect(address)
      let headers = HTTP2Headers(
        ForeignClientTests.headers(path: "/test.Test/HangStream", "grpc-encoding", "gzip"))
      let body = [1, 0, 0, UInt8(packed.count >> 8), UInt8(packed.count & 255)] + packed
      await withDiscardingTaskGroup { group in
        for _ in 0..<50 {
          group.addTask {
            let response = await client.request(headers, body: body, ends: false)
            #expect(response.fields["grpc-status"] == nil)
          }
        }
        // It is sent behind the others.
        let last = await client.request(
          HTTP2Headers(ForeignClientTests.headers()), body: ForeignClientTests.message)
        #expect(last.fields["grpc-status"] == "0")
        await client.close()
      }
    }
  }

  @Test func boundIsOneForAllConnectionsOfAProcess() async throws {
    let gate = Signal()
    let begun = Counter()
    var configuration = Self.bounded(process: 5 << 20)
    configuration.capacity = ServerCapacity(configuration.limits)
    // Two servers, each with a connection of its own.
    try await withServer(Self.services(gate, begun), configuration) { first, _, _ in
      try await withServer(Self.services(gate, begun), configuration) { second, _, _ in
        async let held = first.unary(method("Hang"), Message(repeating: 1, count: 4 << 20))
        await begun.wait(for: 1)
        let status = await status { () throws(RPCStatus) in
          _ = try await second.unary(method("Echo"), Self.text)
        }
        #expect(status.code == .resourceExhausted)
        let small = try await second.unary(method("Echo"), [1])
        #expect(small == [1])
        gate.happen()
        _ = try await held
        let answer = try await second.unary(method("Echo"), Self.text)
        #expect(answer == Self.text)
      }
    }
  }

  @Test func callsInFlightAreBoundedForTheProcess() async throws {
    let (gate, begun) = (Signal(), Counter())
    var configuration = Self.bounded(process: 1 << 20)
    configuration.limits.callBytes = 100_000
    try await withServer(Self.services(gate, begun), configuration) { channel, _, _ in
      let codes = await withTaskGroup(of: RPCStatus.Code.self) { group in
        for _ in 0..<20 {
          group.addTask {
            await status { () throws(RPCStatus) in
              _ = try await channel.unary(method("Hang"), [1])
            }.code
          }
        }
        var refused = 0
        while refused < 10, await group.next() == .resourceExhausted { refused += 1 }
        gate.happen()
        return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
      }
      #expect(codes == [.ok: 10])
    }
  }

  @Test func whatAHandlerHoldsCounts() async throws {
    try await withServer(Self.services(Signal()), Self.bounded(connection: 500_000)) {
      channel, _, _ in
      let call = try await channel.serverStreaming(method("Hold"), [])
      var count = 0
      let status = await status { () throws(RPCStatus) in
        for try await _ in call.responses { count += 1 }
      }
      #expect(status.code == .resourceExhausted)
      #expect(count == 100)
      _ = try await channel.unary(method("Echo"), Message(repeating: 1, count: 100_000))
    }
  }

  @Test func peerHasNoMoreConnectionsThanOneMay() async throws {
    var narrow = RPCServerConfiguration()
    narrow.limits.connectionsPerPeerMax = 2
    try await withServer(Self.services(Signal()), narrow) { _, address, _ in
      var clients: [ForeignClient] = []
      for _ in 0..<2 {
        let client = try await ForeignClient.connect(address)
        clients.append(client)
        let response = await client.request(
          HTTP2Headers(ForeignClientTests.headers()), body: ForeignClientTests.message)
        #expect(response.fields["grpc-status"] == "0")
      }
      try await RawSocket.sendUntilClosed(HostilePeerTests.preface, to: address)
      for client in clients { await client.close() }
    }
  }

  @Test func capacityIsTakenAndGivenBack() {
    var limits = RPCLimits()
    limits.memoryBytesMax = 100 << 20
    let capacity = ServerCapacity(limits)
    #expect(capacity.take(90 << 20))
    #expect(!capacity.take(20 << 20))
    #expect(capacity.take(10 << 20))
    // A quarter of the most that was taken is left: the system gets the rest back.
    #expect(!capacity.giveBack(50 << 20))
    #expect(capacity.giveBack(30 << 20))
    #expect(!capacity.giveBack(20 << 20))
  }
}
