import RPC
import RPCTransport
import Testing

@Suite(.timeLimit(.minutes(5))) struct UnaryTests {
  static let echo = service("Echo", .unary { message, _ in message })

  @Test func unaryCallReturnsTheHandlersAnswer() async throws {
    try await withServer(Self.echo) { channel, _, _ in
      let answer = try await channel.unary(method("Echo"), [1, 2, 3])
      #expect(answer == [1, 2, 3])
      let empty = try await channel.unary(method("Echo"), [])
      #expect(empty == [])
    }
  }

  @Test func manyCallsShareAConnectionAndGetTheirOwnAnswers() async throws {
    try await withServer(Self.echo) { channel, _, _ in
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in 0..<500 {
          let message = Array("call \(number)".utf8)
          group.addTask { try await channel.unary(method("Echo"), message) == message }
        }
        for try await isSame in group { #expect(isSame) }
      }
    }
  }

  @Test func messageLongerThanEveryWindowArrivesWhole() async throws {
    try await withServer(Self.echo) { channel, _, _ in
      let message = Message((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) })
      let answer = try await channel.unary(method("Echo"), message)
      #expect(answer == message)
    }
  }

  @Test func handlersStatusReachesItsCallerWithMessageAndTrailers() async throws {
    let thrown = RPCStatus(.notFound, "no such bank: ü%\n", metadata: ["where-bin": "\u{1}\u{2}"])
    try await withServer(service("Fail", .unary { _, _ in throw thrown })) { channel, _, _ in
      let status = await status { () async throws(RPCStatus) in
        _ = try await channel.unary(method("Fail"), [])
      }
      #expect(status == thrown)
    }
  }

  @Test func otherErrorsOfHandlersAreUnknownAndKeepTheirTextInside() async throws {
    struct Secret: Error { let password = "hunter2" }
    try await withServer(service("Fail", .unary { _, _ in throw Secret() })) { channel, _, _ in
      let status = await status { () async throws(RPCStatus) in
        _ = try await channel.unary(method("Fail"), [])
      }
      #expect(status == RPCStatus(.unknown, "the handler failed"))
    }
  }

  @Test func unknownMethodAndServiceAreNamed() async throws {
    try await withServer(Self.echo) { channel, _, _ in
      let noMethod = await status { () async throws(RPCStatus) in
        _ = try await channel.unary(method("Nope"), [])
      }
      #expect(noMethod == RPCStatus(.unimplemented, "service test.Test has no method Nope"))
      let noService = await status { () async throws(RPCStatus) in
        _ = try await channel.unary(Method(service: "a.B", name: "C"), [])
      }
      #expect(noService == RPCStatus(.unimplemented, "unknown service a.B"))
    }
  }

  @Test func metadataTravelsBothWays() async throws {
    let echo = Handler.bidirectional { requests, responses, context in
      context.setInitialMetadata(["tenant": context.metadata["tenant"] ?? "none"])
      for try await message in requests { try await responses.send(message) }
      var trailers = Metadata()
      trailers.append("proof-bin", bytes: context.metadata.bytes("proof-bin") ?? [])
      context.setTrailingMetadata(trailers)
    }
    try await withServer(service("Echo", echo)) { channel, _, _ in
      var metadata: Metadata = ["tenant": "blue"]
      metadata.append("proof-bin", bytes: [0, 255, 10, 13])
      let call = try await channel.stream(method("Echo"), CallOptions(metadata: metadata))
      try await call.send([1])
      let initial = try await call.initialMetadata
      #expect(initial["tenant"] == "blue")
      call.finishSending()
      for try await message in call.responses { #expect(message == [1]) }
      #expect(await call.trailingMetadata.bytes("proof-bin") == [0, 255, 10, 13])
    }
  }

  @Test func messageOverTheLimitIsResourceExhaustedAndTheConnectionLives() async throws {
    var small = RPCServerConfiguration()
    small.limits.messageBytesMax = 1000
    try await withServer(Self.echo, small) { channel, _, _ in
      let status = await status { () async throws(RPCStatus) in
        _ = try await channel.unary(method("Echo"), Message(repeating: 1, count: 1001))
      }
      #expect(status.code == .resourceExhausted)
      let longest = Message(repeating: 1, count: 1000)
      let answer = try await channel.unary(method("Echo"), longest)
      #expect(answer == longest)
    }
  }

  @Test func responseOverTheCallersLimitIsResourceExhausted() async throws {
    try await withServer(Self.echo) { channel, _, _ in
      let status = await status { () async throws(RPCStatus) in
        _ = try await channel.unary(
          method("Echo"), Message(repeating: 1, count: 11), CallOptions(messageSizeMax: 10))
      }
      #expect(status.code == .resourceExhausted)
    }
  }
}
