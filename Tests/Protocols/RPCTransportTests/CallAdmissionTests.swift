import Foundation
import HTTP2
import RPC
import Testing

@testable import RPCTransport

/// Decisions on calls over real connections, before anything but their head is read.
@Suite(.timeLimit(.minutes(5))) struct CallAdmissionTests {
  /// Says what the call's metadata asks for.
  struct ByMetadata: CallAdmission {
    let gate: Signal
    var lifetime: Double = 1e9

    func decide(_ context: ServerContext) -> AdmissionDecision {
      let caller = Caller(
        .token, names: [CallerName(.token, "web")], expires: Date().timeIntervalSince1970 + lifetime
      )
      let admitted = AdmissionDecision.admitted(Admission(caller: caller))
      switch context.metadata["admission"] {
      case "refuse": return .refused(Refusal(.unauthenticated, "nobody knows you"))
      case "wait":
        return .pending { [gate] in
          try? await gate.wait()
          return admitted
        }
      default: return admitted
      }
    }
  }

  let gate = Signal()

  func services(lifetime: Double = 1e9) -> [Service] {
    let service = Service(
      "test.Test",
      [
        "Echo": .unary { message, context in
          context.setTrailingMetadata(["caller": "\(context.caller)"])
          return message
        },
        "Server": .serverStreaming { message, responses, _ in
          try await responses.send(message)
          try await waitForCancellation()
        },
        "Chat": .bidirectional { requests, responses, _ in
          for try await message in requests { try await responses.send(message) }
        },
      ])
    return [service.admitted(by: ByMetadata(gate: gate, lifetime: lifetime))]
  }

  /// A message that is announced as compressed and is none: who unpacked it would fail.
  static let broken: [UInt8] = [1, 0, 0, 0, 4, 1, 2, 3, 4]

  @Test(arguments: ["Echo", "Server", "Chat"])
  func refusedCallEndsThoughItsRequestDoesNot(_ name: String) async throws {
    try await withServer(services()) { _, address, _ in
      var headers = HTTP2Headers(
        ForeignClientTests.headers(path: "/test.Test/\(name)", "admission", "refuse"))
      headers.append("grpc-encoding", "gzip")
      let client = try await ForeignClient.connect(address)
      for body in [[], Self.broken, [0, 0, 0, 0, 9]] {
        let response = await client.request(headers, body: body, ends: false)
        #expect(response.fields["grpc-status"] == "16")
        #expect(response.fields["grpc-message"] == "nobody knows you")
      }
      await client.close()
    }
  }

  @Test func requestThatCameWhileItsDecisionWasPendingIsServedWhole() async throws {
    try await withServer(services()) { channel, _, _ in
      let options = CallOptions(metadata: ["admission": "wait"])
      let message = Message(repeating: 7, count: 100_000)
      async let answer = channel.unary(method("Echo"), message, options)
      let chat = try await channel.stream(method("Chat"), options)
      try await chat.send([1])
      try await chat.send([2])
      chat.finishSending()
      gate.happen()
      #expect(try await answer == message)
      var answers: [Message] = []
      for try await message in chat.responses { answers.append(message) }
      #expect(answers == [[1], [2]])
    }
  }

  @Test func callThatIsCancelledWhileItsDecisionIsPendingNeverRuns() async throws {
    try await withServer(services()) { channel, _, _ in
      let waiting = CallOptions(metadata: ["admission": "wait"], deadline: .after(.milliseconds(5)))
      let status = await status { () throws(RPCStatus) in
        _ = try await channel.unary(method("Echo"), [1], waiting)
      }
      #expect(status.code == .deadlineExceeded)
      gate.happen()
      let answer = try await channel.unary(method("Echo"), [1])
      #expect(answer == [1])
    }
  }

  @Test(arguments: ["Server", "Chat"])
  func streamEndsWithItsCallersProof(_ name: String) async throws {
    try await withServer(services(lifetime: 0.05)) { channel, _, _ in
      var count = 0
      let status = await status { () throws(RPCStatus) in
        let call = try await channel.stream(method(name))
        try await call.send([1])
        if name == "Server" { call.finishSending() }
        for try await _ in call.responses { count += 1 }
      }
      #expect(status.code == .unauthenticated)
      #expect(count <= 1)
    }
  }

  @Test func unaryCallsCallerIsTheAdmitted() async throws {
    try await withServer(services()) { channel, _, _ in
      let call = try await channel.serverStreaming(method("Echo"), [])
      #expect(await call.trailingMetadata["caller"] == "token:web")
    }
  }
}

/// Services that anybody may call.
@Suite(.timeLimit(.minutes(5))) struct StrangerTests {
  static let services = [
    Service(
      "test.Test", isForStrangers: true,
      [
        "Echo": .unary { message, _ in message },
        "Watch": .serverStreaming { message, responses, _ in
          try await responses.send(message)
          try await waitForCancellation()
        },
      ])
  ]

  @Test func theirMessagesAreShort() async throws {
    try await withServer(Self.services) { channel, _, _ in
      _ = try await channel.unary(method("Echo"), Message(repeating: 1, count: 64 << 10))
      let status = await status { () throws(RPCStatus) in
        _ = try await channel.unary(method("Echo"), Message(repeating: 1, count: (64 << 10) + 1))
      }
      #expect(status.code == .resourceExhausted)
    }
  }

  @Test func theirMessagesAreNotCompressed() async throws {
    try await withServer(Self.services) { channel, _, _ in
      let status = await status { () throws(RPCStatus) in
        _ = try await channel.unary(method("Echo"), [1], CallOptions(compression: .gzip))
      }
      #expect(status.code == .unimplemented)
    }
  }

  @Test func theirStreamsKeepNoConnectionOpen() async throws {
    var hasty = RPCServerConfiguration()
    hasty.connectionIdleMax = .milliseconds(1)
    hasty.connectionAgeGrace = .milliseconds(1)
    try await withServer(Self.services, hasty) { channel, _, _ in
      let status = await status { () throws(RPCStatus) in
        let call = try await channel.serverStreaming(method("Watch"), [1])
        for try await _ in call.responses {}
      }
      #expect(status.code == .unavailable)
    }
  }
}
