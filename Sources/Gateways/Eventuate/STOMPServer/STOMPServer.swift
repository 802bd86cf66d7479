import NIOCore
import NIOPosix
import RPCTransport
import Synchronization

/// Takes the connections of STOMP clients, with TLS or without.
package final class STOMPServer: Sendable {
  private let acceptor: Acceptor<any Channel>
  private let sessions = Sessions()

  /// - Parameters:
  ///   - tls: how connections are secured; nil: not at all.
  ///   - capacity: what the server shares with others of the process.
  package init(
    _ gateway: STOMPGateway, tls: ServerTLS?, on loops: EventLoops,
    sharing capacity: ServerCapacity
  ) {
    acceptor = Acceptor(
      on: loops, sharing: capacity, tls: tls,
      socketBufferBytesMax: gateway.limits.socketBufferBytesMax
    ) { bootstrap in
      bootstrap.childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        // Clients that want no heart-beats are noticed when they are gone.
        .childChannelOption(.socketOption(.so_keepalive), value: 1)
    } open: { [sessions] channel in
      let stream = try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
        wrappingChannelSynchronously: channel,
        configuration: .init(
          backPressureStrategy: .init(lowWatermark: 1, highWatermark: 2)))
      sessions.begin { await gateway.serve(stream) }
      return channel
    }
  }

  /// Takes connections, until `shutdown`. Returns the address it got: port 0 asks for any free one.
  package func listen(host: String, port: Int) async throws(TransportError) -> Address {
    try await acceptor.listen(on: .tcp(host: host, port: port))
  }

  /// Takes no more connections, and ends those that there are, once what their clients acknowledged
  /// is stored.
  package func shutdown() async {
    await acceptor.shutdown(grace: .zero) {
      $0.close(promise: nil)
    } abort: { _ in
    }
    await sessions.end()
  }
}

/// What is done for connections: it goes on when they are closed, until what was acknowledged is
/// stored.
private final class Sessions: Sendable {
  private struct State {
    var tasks: [Int: Task<Void, Never>] = [:]
    var lastNumber = 0
  }

  private let state = Mutex(State())

  func begin(_ session: @escaping @Sendable () async -> Void) {
    state.withLock { state in
      state.lastNumber += 1
      let number = state.lastNumber
      state.tasks[number] = Task {
        await session()
        self.state.withLock { _ = $0.tasks.removeValue(forKey: number) }
      }
    }
  }

  /// Returns when all have ended.
  func end() async {
    for task in state.withLock({ Array($0.tasks.values) }) { await task.value }
  }
}

extension STOMPGateway {
  /// Serves a connection until it ends.
  fileprivate func serve(_ stream: NIOAsyncChannel<ByteBuffer, ByteBuffer>) async {
    let channel = stream.channel
    let peer = channel.remoteAddress?.ipAddress ?? "unknown"
    // What ends in an error has ended: a handshake that failed, a client that is gone.
    try? await stream.executeThenClose { incoming, outgoing in
      let connection = STOMPConnection(self, peer: peer) { bytes in
        try await outgoing.write(ByteBuffer(bytes: bytes))
      } close: {
        try? await channel.close()
      }
      await connection.run(incoming.map { Array($0.readableBytesView) })
    }
  }
}
