import NIOCore
import NIOPosix
import Synchronization

/// Accepts connections at any number of addresses, and tracks the open ones: shared by the servers
/// of all protocols.
///
/// `Connection` is a protocol's connection. It belongs to its loop.
package final class Acceptor<Connection>: Sendable {
  private struct State {
    var listeners: [any Channel] = []
    var unixSockets: [UnixSocket] = []
    var connections: [ObjectIdentifier: Open] = [:]
    var isShutDown = false
  }

  /// A connection for other threads, which use it only through its loop.
  private struct Open: Sendable {
    let channel: any Channel
    let connection: NIOLoopBound<Connection>
  }

  private let loops: EventLoops
  private let capacity: ServerCapacity
  private let tls: ServerTLS?
  private let options: @Sendable (ServerBootstrap) -> ServerBootstrap
  private let open: @Sendable (any Channel) throws -> Connection
  private let state = Mutex(State())

  /// - Parameters:
  ///   - capacity: counts connections together with those of other servers.
  ///   - tls: nil: without TLS.
  ///   - socketBufferBytesMax: bytes waiting for a socket beyond which its connection is not
  ///     writable.
  ///   - options: further socket options.
  ///   - open: adds the handlers of a new connection, on its loop. If it throws, the connection is
  ///     closed.
  package init(
    on loops: EventLoops, sharing capacity: ServerCapacity, tls: ServerTLS?,
    socketBufferBytesMax: Int,
    options: @escaping @Sendable (ServerBootstrap) -> ServerBootstrap = { $0 },
    open: @escaping @Sendable (any Channel) throws -> Connection
  ) {
    self.loops = loops
    self.capacity = capacity
    self.tls = tls
    self.open = open
    self.options = { bootstrap in
      options(
        bootstrap.childChannelOption(
          .writeBufferWaterMark,
          value: .init(low: socketBufferBytesMax / 2, high: socketBufferBytesMax)))
    }
  }

  /// Open connections.
  package var connectionCount: Int { state.withLock { $0.connections.count } }

  /// Accepts connections at an address until `shutdown`. Returns the bound address: port 0 means
  /// any free one. Replaces an abandoned Unix socket, and removes its own at `shutdown`.
  ///
  /// Throws `TransportError`: `addressInUse` if another server listens there, `cannotListen`,
  /// `shutDown`.
  package func listen(on address: Address) async throws(TransportError) -> Address {
    let listener: any Channel
    do {
      switch address {
      case .tcp(let host, let port):
        listener = try await bootstrap.bind(host: host, port: port).get()
      case .unix(let path):
        try UnixSocket.removeAbandoned(at: path)
        listener = try await bootstrap.bind(unixDomainSocketPath: path).get()
      }
    } catch {
      throw TransportError(cannotListenOn: address, error)
    }
    let socket: UnixSocket? = if case .unix(let path) = address { UnixSocket(path) } else { nil }
    let isShutDown = state.withLock { state in
      if !state.isShutDown {
        state.listeners.append(listener)
        if let socket { state.unixSockets.append(socket) }
      }
      return state.isShutDown
    }
    if isShutDown {
      try? await listener.close()
      socket?.remove()
      throw .afterShutdown
    }
    return Address(listener.localAddress) ?? address
  }

  /// Stops accepting, drains each connection, and closes the rest after the grace. Returns once
  /// all are closed.
  ///
  /// - Parameters:
  ///   - drain: stops a connection from taking new work, and closes it when all is done.
  ///   - abort: closes a connection.
  package func shutdown(
    grace: Duration, drain: @escaping @Sendable (Connection) -> Void,
    abort: @escaping @Sendable (Connection) -> Void
  ) async {
    let (listeners, sockets, connections) = state.withLock { state in
      state.isShutDown = true
      defer {
        state.listeners = []
        state.unixSockets = []
      }
      return (state.listeners, state.unixSockets, Array(state.connections.values))
    }
    // Remove the socket's name first: the next server binds a new one, which is not ours to
    // remove.
    for socket in sockets { socket.remove() }
    for listener in listeners { try? await listener.close() }
    for open in connections {
      let loop = open.channel.eventLoop
      loop.execute {
        drain(open.connection.value)
        let end = loop.assumeIsolated().scheduleTask(in: TimeAmount(grace)) {
          abort(open.connection.value)
        }
        open.channel.closeFuture.assumeIsolated().whenComplete { _ in end.cancel() }
      }
    }
    for open in connections { try? await open.channel.closeFuture.get() }
  }

  private var bootstrap: ServerBootstrap {
    options(
      ServerBootstrap(group: loops.group)
        .serverChannelOption(.backlog, value: 1024)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .serverChannelInitializer { listener in
          listener.eventLoop.makeCompletedFuture {
            try listener.pipeline.syncOperations.addHandler(AcceptPause())
          }
        }
        .childChannelInitializer { [self] channel in
          channel.eventLoop.makeCompletedFuture { try accept(channel) }
        })
  }

  private func accept(_ channel: any Channel) throws {
    let peer = PeerAddress(channel.remoteAddress)
    try capacity.add(peer)
    channel.closeFuture.whenComplete { [capacity] _ in capacity.remove(peer) }
    try tls?.secure(channel)
    let connection = NIOLoopBound(try open(channel), eventLoop: channel.eventLoop)
    let key = ObjectIdentifier(channel)
    try state.withLock { (state) throws(TransportError) in
      if state.isShutDown { throw .afterShutdown }
      state.connections[key] = Open(channel: channel, connection: connection)
    }
    channel.closeFuture.whenComplete { [self] _ in
      state.withLock { _ = $0.connections.removeValue(forKey: key) }
    }
  }
}

extension TransportError {
  fileprivate static let afterShutdown = TransportError(.shutDown, "the server was shut down")

  fileprivate init(cannotListenOn address: Address, _ error: any Error) {
    // EADDRINUSE: 98 on Linux, 48 on Darwin.
    let isInUse = (error as? IOError).map { [98, 48].contains($0.errnoCode) } ?? false
    self.init(
      isInUse ? .addressInUse : .cannotListen,
      isInUse
        ? "\(address) is in use: somebody else listens there" : "cannot listen on \(address)",
      cause: error)
  }
}
