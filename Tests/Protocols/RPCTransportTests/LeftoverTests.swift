import RPC
import Testing

@testable import RPCTransport

/// What is left of connections that failed: nothing.
///
/// Calls hold their picker and connections their keeper, and both are held by nobody else in the
/// end. So if picker and keeper go when their loop has ended, all of them have gone.
@Suite(.timeLimit(.minutes(5))) struct LeftoverTests {
  @Test func nothingIsLeftOfARefusedConnection() async throws {
    let server = RPCServer([], on: loops)
    let address = try await server.listen(on: .tcp(host: "127.0.0.1", port: 0))
    await server.shutdown(grace: .zero)
    let left = try await whatIsLeft(of: address) { picker in
      let outcome = await UnaryClientStream(picker, method("Any"), [], CallOptions()).run()
      #expect(throws: RPCStatus.self) { try outcome.get() }
    }
    #expect(left.picker == nil && left.keeper == nil)
  }

  @Test func nothingIsLeftOfLostConnectionsAndTheirCalls() async throws {
    let server = try await ForeignServer { _, _, _ in .hangUp }
    let left = try await whatIsLeft(of: server.address) { picker in
      for _ in 0..<50 {
        let outcome = await UnaryClientStream(picker, method("Any"), [], CallOptions()).run()
        #expect(throws: RPCStatus.self) { try outcome.get() }
        let call = StreamingClientStream(picker, method("Any"), CallOptions())
        let failure = await call.run()
        #expect(failure == nil)
        call.finishSending()
        #expect(await call.status().code == .unavailable)
      }
    }
    #expect(server.requests == 100)
    #expect(left.picker == nil && left.keeper == nil)
    try await server.close()
  }

  private struct Leftovers {
    weak var picker: ConnectionPicker?
    weak var keeper: ConnectionKeeper?
  }

  /// The picker that calls were made with, and its keeper, after it was closed and its loop has
  /// ended.
  private func whatIsLeft(
    of target: Address, after body: (ConnectionPicker) async throws -> Void
  ) async throws -> Leftovers {
    let loops = EventLoops(threads: 1)
    let picker = ConnectionPicker(
      [target], .pickFirst, HTTP2ChannelConfiguration(), loops.next())
    let left = Leftovers(picker: picker, keeper: picker.keepers[0])
    try await body(picker)
    picker.loop.run { picker.close() }
    try await loops.shutdown()
    return left
  }
}
