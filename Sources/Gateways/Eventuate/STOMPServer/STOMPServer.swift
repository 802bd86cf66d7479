import NIOCore
import NIOPosix
import RPCTransport
import Synchronization

/// Takes the connections of STOMP clients, with TLS or without.
package final class STOMPServer: Sendable {
  private struct State {
    var listener: (any Channel)?
    var connections: [ObjectIdentifier: Connection] = [:]
    var isShutDown = false
  }

  private struct Connection: Sendable {
    let channel: any Channel
    let task: Task<Void, Never>
  }

  private let gateway: STOMPGateway
  private let tls: ServerTLS?
  private let loops: EventLoops
  private let capacity: ServerCapacity
  private let state = Mutex(State())

  /// - Parameters:
  ///   - tls: how connections are secured; nil: not at all.
  ///   - capacity: what the server shares with others of the process.
  package init(
    _ gateway: STOMPGateway, tls: ServerTLS?, on loops: EventLoops,
    sharing capacity: ServerCapacity
  ) {
    self.gateway = gateway
    self.tls = tls
    self.loops = loops
    self.capacity = capacity
  }

  /// Takes connections, until `shutdown`. Returns the address it got: port 0 asks for any free one.
  package func listen(host: String, port: Int) async throws(TransportError) -> Address {
    let wanted = Address.tcp(host: host, port: port)
    do {
      let listener = try await ServerBootstrap(group: loops.group)
        .serverChannelOption(.backlog, value: 1024)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .serverChannelInitializer { listener in
          listener.eventLoop.makeCompletedFuture {
            try RPCServer.slowDownWithoutDescriptors(listener)
          }
        }
        .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        // Clients that want no heart-beats are noticed when they are gone.
        .childChannelOption(.socketOption(.so_keepalive), value: 1)
        .childChannelOption(
          .writeBufferWaterMark,
          value: .init(
            low: gateway.limits.socketBufferBytesMax / 2,
            high: gateway.limits.socketBufferBytesMax)
        )
        .childChannelInitializer { [self] channel in
          channel.eventLoop.makeCompletedFuture { try open(channel) }
        }
        .bind(host: host, port: port).get()
      state.withLock { $0.listener = listener }
      return Address(listener.localAddress) ?? wanted
    } catch {
      throw TransportError(cannotListenOn: wanted, error)
    }
  }

  /// Takes no more connections, and ends those that there are, once what their clients acknowledged
  /// is stored.
  package func shutdown() async {
    let (listener, connections) = state.withLock { state in
      state.isShutDown = true
      defer { state.listener = nil }
      return (state.listener, Array(state.connections.values))
    }
    try? await listener?.close()
    for connection in connections { connection.channel.close(promise: nil) }
    for connection in connections { await connection.task.value }
  }

  private func open(_ channel: any Channel) throws {
    let peer = PeerAddress(channel.remoteAddress)
    try capacity.add(peer)
    channel.closeFuture.whenComplete { [capacity] _ in capacity.remove(peer) }
    try tls?.secure(channel)
    let stream = try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
      wrappingChannelSynchronously: channel,
      configuration: .init(
        backPressureStrategy: .init(lowWatermark: 1, highWatermark: 2)))
    let key = ObjectIdentifier(channel)
    state.withLock { state in
      let task = Task { [gateway] in
        await gateway.serve(stream)
        self.state.withLock { _ = $0.connections.removeValue(forKey: key) }
      }
      state.connections[key] = Connection(channel: channel, task: task)
      if state.isShutDown { channel.close(promise: nil) }
    }
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
