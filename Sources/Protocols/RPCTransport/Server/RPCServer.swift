import NIOCore
import NIOPosix
import RPC
import Synchronization

/// A gRPC server over HTTP/2, with TLS or without, on any number of addresses.
public final class RPCServer: Sendable {
  private struct State {
    var listeners: [any Channel] = []
    var unixSockets: [UnixSocket] = []
    var connections: [ObjectIdentifier: OpenConnection] = [:]
    var isShutDown = false
  }

  /// A connection as other threads may hold it: touched only by way of its loop.
  private struct OpenConnection: Sendable {
    let channel: any Channel
    let connection: NIOLoopBound<ServerConnection>

    func run(_ body: @escaping @Sendable (ServerConnection) -> Void) {
      channel.eventLoop.execute { body(connection.value) }
    }
  }

  /// How long no connection is taken after one could not be.
  private static let acceptPause = TimeAmount.milliseconds(100)

  private let router: Router
  private let configuration: RPCServerConfiguration
  private let loops: EventLoops
  private let capacity: ServerCapacity
  private let state = Mutex(State())

  public init(
    _ router: Router, _ configuration: RPCServerConfiguration = RPCServerConfiguration(),
    on loops: EventLoops
  ) {
    self.router = router
    self.configuration = configuration
    self.loops = loops
    capacity = configuration.capacity ?? ServerCapacity(configuration.limits)
  }

  public convenience init(
    _ services: [Service], _ configuration: RPCServerConfiguration = RPCServerConfiguration(),
    on loops: EventLoops
  ) {
    self.init(Router(services), configuration, on: loops)
  }

  /// Takes connections at an address, until `shutdown`. Returns the address it got: port 0 asks for
  /// any free one. A unix socket replaces one that is left there and that nobody listens on, and is
  /// removed by `shutdown`.
  ///
  /// Throws `TransportError`: `addressInUse` if somebody else listens there, `cannotListen`,
  /// `shutDown`.
  public func listen(on address: Address) async throws(TransportError) -> Address {
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
      throw TransportError(.shutDown, "the server was shut down")
    }
    return Address(listener.localAddress) ?? address
  }

  /// How many connections are open.
  public var connectionCount: Int { state.withLock { $0.connections.count } }

  /// Takes no more connections nor calls, lets the calls in flight end for up to the grace, then
  /// ends them, so that their callers see UNAVAILABLE. Returns when all is closed.
  public func shutdown(grace: Duration) async {
    let (listeners, sockets, connections) = state.withLock { state in
      state.isShutDown = true
      defer {
        state.listeners = []
        state.unixSockets = []
      }
      return (state.listeners, state.unixSockets, Array(state.connections.values))
    }
    // A socket's name goes first: whoever comes next binds a new one, which is not ours to remove.
    for socket in sockets { socket.remove() }
    for listener in listeners { try? await listener.close() }
    for open in connections {
      open.run { connection in
        connection.shutDown()
        let loop = connection.loop.eventLoop.assumeIsolated()
        let end = loop.scheduleTask(in: TimeAmount(grace)) { connection.abort() }
        open.channel.closeFuture.assumeIsolated().whenComplete { _ in end.cancel() }
      }
    }
    for open in connections { try? await open.channel.closeFuture.get() }
  }

  private var bootstrap: ServerBootstrap {
    ServerBootstrap(group: loops.group)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { listener in
        listener.eventLoop.makeCompletedFuture { try Self.slowDownWithoutDescriptors(listener) }
      }
      .childChannelOption(
        .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 64 << 10)
      )
      .childChannelOption(
        .writeBufferWaterMark,
        value: .init(
          low: configuration.limits.socketBufferBytesMax / 2,
          high: configuration.limits.socketBufferBytesMax)
      )
      .childChannelInitializer { [self] channel in
        channel.eventLoop.makeCompletedFuture { try open(channel) }
      }
  }

  /// Without descriptors there is nothing to accept with, however often it is tried.
  package static func slowDownWithoutDescriptors(_ listener: any Channel) throws {
    try listener.pipeline.syncOperations.addHandler(
      AcceptBackoffHandler(shouldForwardIOErrorCaught: false) { _ in acceptPause })
  }

  private func open(_ channel: any Channel) throws {
    let peer = PeerAddress(channel.remoteAddress)
    try capacity.add(peer)
    channel.closeFuture.whenComplete { [capacity] _ in capacity.remove(peer) }
    let loop = loops.loopExecutor(of: channel.eventLoop)
    let memory = capacity.share(of: channel.eventLoop)
    let connection = ServerConnection(router, configuration, memory, loop)
    let open = OpenConnection(
      channel: channel, connection: NIOLoopBound(connection, eventLoop: channel.eventLoop))
    let key = ObjectIdentifier(connection)
    try state.withLock { (state) throws(TransportError) in
      guard !state.isShutDown else {
        throw TransportError(.shutDown, "the server was shut down")
      }
      state.connections[key] = open
    }
    channel.closeFuture.whenComplete { [self] _ in
      state.withLock { _ = $0.connections.removeValue(forKey: key) }
    }
    try configuration.tls?.secure(channel)
    try channel.pipeline.syncOperations.addHandler(connection)
  }
}

extension TransportError {
  package init(cannotListenOn address: Address, _ error: any Error) {
    // EADDRINUSE: 98 on Linux, 48 on Darwin.
    let isInUse = (error as? IOError).map { [98, 48].contains($0.errnoCode) } ?? false
    self.init(
      isInUse ? .addressInUse : .cannotListen,
      isInUse
        ? "\(address) is in use: somebody else listens there" : "cannot listen on \(address)",
      cause: error)
  }
}
