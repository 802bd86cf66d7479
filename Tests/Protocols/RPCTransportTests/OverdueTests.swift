import HTTP2
import RPC
import RPCTransport
import Testing

/// Requests that never become whole.
@Suite(.timeLimit(.minutes(5))) struct OverdueTests {
  static let services = [
    Service(
      "test.Test",
      [
        "Echo": .unary { message, _ in message },
        "Server": .serverStreaming { message, responses, _ in try await responses.send(message) },
        "Chat": .bidirectional { requests, responses, _ in
          for try await message in requests { try await responses.send(message) }
        },
      ])
  ]

  static var hasty: RPCServerConfiguration {
    var hasty = RPCServerConfiguration()
    hasty.limits.requestTimeout = .milliseconds(10)
    return hasty
  }

  @Test(arguments: ["Echo", "Server"], [[], [0, 0, 0], [0, 0, 0, 0, 1, 7]] as [[UInt8]])
  func requestThatNeverEndsIsGivenUp(_ name: String, _ body: [UInt8]) async throws {
    try await withServer(Self.services, Self.hasty) { _, address, _ in
      let client = try await ForeignClient.connect(address)
      let response = await client.request(
        HTTP2Headers(ForeignClientTests.headers(path: "/test.Test/\(name)")), body: body,
        ends: false)
      #expect(response.fields["grpc-status"] == "4")
      await client.close()
    }
  }

  @Test func headersThatNeverEndCloseTheConnection() async throws {
    try await withServer(Self.services, Self.hasty) { _, address, _ in
      let opening = HostilePeerTests.frame(1, stream: 1, HostilePeerTests.request)
      await #expect(throws: Never.self) {
        try await RawSocket.sendUntilClosed(HostilePeerTests.preface + opening, to: address)
      }
    }
  }

  /// Many times as long as a request of one message may take.
  @Test func streamOfRequestsMayBeOpenForever() async throws {
    try await withServer(Self.services, Self.hasty) { channel, _, _ in
      let call = try await channel.stream(method("Chat"))
      try await call.send([0])
      var answers = call.responses.makeAsyncIterator()
      _ = try await answers.next()
      for _ in 0..<10 {
        // Each of these ends once more than the time has passed.
        let half = try await channel.stream(method("Echo"))
        #expect(await half.status.code == .deadlineExceeded)
      }
      try await call.send([1])
      #expect(try await answers.next() == [1])
      call.cancel()
    }
  }
}
