import RPC
import Testing

@testable import RPCTransport

/// What is left of connections that failed: nothing.
///
/// Connections and calls hold their keeper, and are held by nobody else in the end. So if the keeper goes when
/// its loop has ended, all of them have gone.
@Suite struct LeftoverTests {
  @Test func nothingIsLeftOfARefusedConnection() async throws {
    let server = RPCServer([], on: loops)
    let address = try await server.listen(on: .tcp(host: "127.0.0.1", port: 0))
    await server.shutdown(grace: .zero)
    let keeper = try await keeper(to: address) { keeper in
      let outcome = await UnaryClientStream(keeper, method("Any"), [], CallOptions()).run()
      #expect(throws: RPCStatus.self) { try outcome.get() }
    }
    #expect(keeper.value == nil)
  }

  @Test func nothingIsLeftOfLostConnectionsAndTheirCalls() async throws {
    let server = try await ForeignServer { _, _, _ in .hangUp }
    let keeper = try await keeper(to: server.address) { keeper in
      for _ in 0..<50 {
        let outcome = await UnaryClientStream(keeper, method("Any"), [], CallOptions()).run()
        #expect(throws: RPCStatus.self) { try outcome.get() }
        let call = StreamingClientStream(keeper, method("Any"), CallOptions())
        let failure = await call.run()
        #expect(failure == nil)
        call.finishSending()
        #expect(await call.status().code == .unavailable)
      }
    }
    #expect(server.requests == 100)
    #expect(keeper.value == nil)
    try await server.close()
  }

  private struct Weak { weak var value: ConnectionKeeper? }

  /// The keeper that calls were made with, after it was closed and its loop has ended.
  private func keeper(
    to target: Address, _ body: (ConnectionKeeper) async throws -> Void
  ) async throws -> Weak {
    let loops = EventLoops(threads: 1)
    let keeper = ConnectionKeeper(target, HTTP2ChannelConfiguration(), loops.next())
    try await body(keeper)
    keeper.loop.run { keeper.close() }
    try await loops.shutdown()
    return Weak(value: keeper)
  }
}
