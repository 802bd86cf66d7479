import RPC
import Testing

@testable import RPCTransport

@Suite(.timeLimit(.minutes(5))) struct CompressionTests {
  static let text = Message(repeating: 0x61, count: 100_000)

  static let echo = [
    Service(
      "test.Test",
      [
        "Echo": .unary { message, context in
          context.setCompression(.gzip)
          context.setTrailingMetadata(["compressed": "\(context.isRequestCompressed)"])
          return message
        },
        "Chat": .bidirectional { requests, responses, context in
          context.setCompression(.gzip)
          for try await message in requests {
            try await responses.send(message)
            context.setCompression(.identity)
          }
        },
      ])
  ]

  @Test(arguments: [0, 1, 5, 70_000, 1_000_000])
  func messageComesBackWhole(_ count: Int) throws {
    var random = SystemRandomNumberGenerator()
    let noise = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    for message in [noise, Message(repeating: 7, count: count)] {
      #expect(try Gzip.decompress(Gzip.compress(message), countMax: count) == message)
    }
  }

  @Test func bombIsCutOff() {
    let bomb = Gzip.compress(Message(repeating: 0, count: 50 << 20))
    #expect(bomb.count < 100_000)
    let error = #expect(throws: RPCStatus.self) { try Gzip.decompress(bomb, countMax: 1 << 20) }
    #expect(error?.code == .resourceExhausted)
  }

  @Test(arguments: [
    [], [1, 2, 3], Array(Gzip.compress([1, 2, 3]).dropLast()), Gzip.compress([1]) + [0],
  ])
  func brokenGzipIsInternal(_ bytes: [UInt8]) {
    let error = #expect(throws: RPCStatus.self) { try Gzip.decompress(bytes, countMax: 100) }
    #expect(error?.code == .internal)
  }

  @Test func callMayCompressItsRequestAndTheHandlerItsAnswer() async throws {
    try await withServer(Self.echo) { channel, _, _ in
      let answer = try await channel.unary(
        method("Echo"), Self.text, CallOptions(compression: .gzip))
      #expect(answer == Self.text)
      let call = try await channel.serverStreaming(
        method("Echo"), Self.text, CallOptions(compression: .gzip))
      #expect(await call.trailingMetadata["compressed"] == "true")
    }
  }

  @Test func handlerCompressesMessageByMessage() async throws {
    try await withServer(Self.echo) { channel, _, _ in
      let call = try await channel.stream(method("Chat"), CallOptions(compression: .gzip))
      for _ in 0..<3 { try await call.send(Self.text) }
      call.finishSending()
      var count = 0
      for try await message in call.responses where message == Self.text { count += 1 }
      #expect(count == 3)
    }
  }

  @Test func answerIsCompressedOnlyForWhoTakesIt() async throws {
    try await withServer(Self.echo) { _, address, _ in
      let body = [0, 0, 0, 0, 4, 7, 7, 7, 7] as [UInt8]
      let plain = try await ForeignClient.request(
        address, headers: ForeignClientTests.headers(), body: body)
      #expect(plain.fields["grpc-encoding"] == nil)
      #expect(plain.data == body)
      let gzip = try await ForeignClient.request(
        address, headers: ForeignClientTests.headers("grpc-accept-encoding", "deflate, gzip"),
        body: body)
      #expect(gzip.fields["grpc-encoding"] == "gzip")
      #expect(gzip.data.first == 1)
      #expect(try Gzip.decompress(Array(gzip.data.dropFirst(5)), countMax: 4) == [7, 7, 7, 7])
    }
  }

  @Test func compressedRequestLongerThanTheLimitIsRefused() async throws {
    var narrow = RPCServerConfiguration()
    narrow.limits.messageBytesMax = 50_000
    try await withServer(Self.echo, narrow) { channel, _, _ in
      let error = await #expect(throws: RPCStatus.self) {
        try await channel.unary(method("Echo"), Self.text, CallOptions(compression: .gzip))
      }
      #expect(error?.code == .resourceExhausted)
    }
  }
}
