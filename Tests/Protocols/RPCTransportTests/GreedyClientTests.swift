import HTTP2
import RPC
import RPCTransport
import Testing

/// Clients that keep to the protocol, and would have the server hold more than it should.
@Suite(.timeLimit(.minutes(5))) struct GreedyClientTests {
  @Test func clientThatSendsPartsOfMessagesIsStopped() async throws {
    var narrow = RPCServerConfiguration()
    narrow.limits.connectionBytesMax = 100_000
    // Each is a part of a message, within the limits of one, that never becomes whole.
    let part = [0, 0, 4, 0, 0] + [UInt8](repeating: 7, count: 60_000)
    let refused = try await refusals(narrow, body: part, ends: false)
    #expect(refused == 1)
  }

  @Test func clientThatDoesNotReadIsStopped() async throws {
    var narrow = RPCServerConfiguration()
    narrow.limits.connectionBytesMax = 100_000
    let whole = [0, 0, 0, 0xea, 0x60] + [UInt8](repeating: 7, count: 60_000)
    let refused = try await refusals(
      narrow, body: whole, client: HTTP2Configuration(streamWindowBytes: 1))
    #expect(refused == 1)
  }

  /// How many of two calls are RESOURCE_EXHAUSTED, while another connection goes on.
  private func refusals(
    _ configuration: RPCServerConfiguration, body: [UInt8], ends: Bool = true,
    client settings: HTTP2Configuration = HTTP2Configuration()
  ) async throws -> Int {
    var refused = 0
    try await withServer(HostilePeerTests.echo, configuration) { channel, address, _ in
      let client = try await ForeignClient.connect(address, settings)
      refused = await withTaskGroup(of: ForeignClient.Response.self) { group in
        for _ in 0..<2 {
          group.addTask {
            await client.request(
              HTTP2Headers(ForeignClientTests.headers()), body: body, ends: ends)
          }
        }
        let first = await group.next()
        // The other call would wait for ever.
        await client.close()
        let both = [first, await group.next()]
        return both.count { $0?.fields["grpc-status"] == "8" }
      }
      let answer = try await channel.unary(method("Echo"), [1])
      #expect(answer == [1])
    }
    return refused
  }
}
