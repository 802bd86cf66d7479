import NIOCore
import NIOPosix
import RPCTransport
import Synchronization

/// Accepts the connections of STOMP clients, with or without TLS.
package final class STOMPServer: Sendable {
  private let acceptor: Acceptor<any Channel>
  private let sessions = Sessions()

  /// - Parameters:
  ///   - tls: nil: connections are not secured.
  ///   - capacity: the limits that the process's servers share.
  package init(
    _ gateway: STOMPGateway, tls: ServerTLS?, on loops: EventLoops,
    sharing capacity: ServerCapacity
  ) {
    acceptor = Acceptor(
      on: loops, sharing: capacity, tls: tls,
      socketBufferBytesMax: gateway.limits.socketBufferBytesMax
    ) { bootstrap in
      bootstrap.childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        // Detects lost clients that use no heart-beats.
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

  /// Accepts connections until `shutdown`. Returns the address; port 0 requests any free port.
  package func listen(host: String, port: Int) async throws(TransportError) -> Address {
    try await acceptor.listen(on: .tcp(host: host, port: port))
  }

  /// Accepts no more connections, and ends the open ones once their clients' acknowledgements are
  /// stored.
  package func shutdown() async {
    await acceptor.shutdown(grace: .zero) {
      $0.close(promise: nil)
    } abort: { _ in
    }
    await sessions.end()
  }
}

/// The tasks that serve connections. They outlive a closed connection until its acknowledgements
/// are stored.
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

  /// Returns once all have ended.
  func end() async {
    for task in state.withLock({ Array($0.tasks.values) }) { await task.value }
  }
}

extension STOMPGateway {
  /// Serves a connection until it ends.
  fileprivate func serve(_ stream: NIOAsyncChannel<ByteBuffer, ByteBuffer>) async {
    let channel = stream.channel
    let peer = channel.remoteAddress?.ipAddress ?? "unknown"
    // An error only means that the connection has ended: a failed handshake, a lost client.
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
