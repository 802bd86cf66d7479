import RPC
import RPCTransport
import Testing

/// Answers of which no peer could take the header block.
@Suite(.timeLimit(.minutes(5))) struct LongStatusTests {
  static let services = [
    Service(
      "test.Test",
      [
        "Fail": .unary { message, _ in
          throw RPCStatus(.notFound, String(decoding: message, as: UTF8.self))
        },
        "FailLate": .serverStreaming { message, responses, _ in
          try await responses.send([1])
          throw RPCStatus(.notFound, String(decoding: message, as: UTF8.self))
        },
        "Trailers": .serverStreaming { message, responses, context in
          context.setTrailingMetadata(["long": String(decoding: message, as: UTF8.self)])
          if message.count % 2 == 1 { try await responses.send([1]) }
        },
        "Headers": .unary { message, context in
          context.setInitialMetadata(["long": String(decoding: message, as: UTF8.self)])
          return []
        },
      ])
  ]

  func end(_ name: String, _ count: Int) async throws -> RPCStatus {
    var status = RPCStatus.ok
    try await withServer(Self.services) { channel, _, _ in
      let call = try await channel.serverStreaming(
        method(name), Message(repeating: 0x61, count: count))
      status = await call.status
    }
    return status
  }

  @Test(arguments: ["Fail", "FailLate"], [10, 10_000, 70_000, 1_000_000])
  func messageArrivesAsFarAsPeersTakeIt(_ name: String, _ count: Int) async throws {
    let status = try await end(name, count)
    #expect(status.code == .notFound)
    #expect(status.message.utf8.count == min(count, 4096))
    #expect(status.message.hasSuffix(" ... [cut]") == (count > 4096))
  }

  @Test(arguments: [20_000, 20_001, 1_000_000, 1_000_001])
  func trailingMetadataThatIsTooLongIsLeftOut(_ count: Int) async throws {
    let status = try await end("Trailers", count)
    #expect(status.code == .ok)
    #expect(status.metadata.isEmpty)
    #expect(status.message.contains("left out"))
  }

  @Test(arguments: [20_000, 1_000_000])
  func initialMetadataThatIsTooLongFailsTheCall(_ count: Int) async throws {
    let status = try await end("Headers", count)
    #expect(status.code == .internal)
    #expect(status.message.contains("initial metadata"))
  }
}
