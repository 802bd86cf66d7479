import NIOCore
import NIOPosix
import RPC

/// A gRPC server over HTTP/2, with or without TLS, on any number of addresses.
public final class RPCServer: Sendable {
  private let acceptor: Acceptor<ServerConnection>

  public init(
    _ router: Router, _ configuration: RPCServerConfiguration = RPCServerConfiguration(),
    on loops: EventLoops
  ) {
    let capacity = configuration.capacity ?? ServerCapacity(configuration.limits)
    acceptor = Acceptor(
      on: loops, sharing: capacity, tls: configuration.tls,
      socketBufferBytesMax: configuration.limits.socketBufferBytesMax
    ) { bootstrap in
      bootstrap.childChannelOption(
        .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 64 << 10))
    } open: { channel in
      let connection = ServerConnection(
        router, configuration, capacity.share(of: channel.eventLoop),
        loops.loopExecutor(of: channel.eventLoop))
      try channel.pipeline.syncOperations.addHandler(connection)
      return connection
    }
  }

  public convenience init(
    _ services: [Service], _ configuration: RPCServerConfiguration = RPCServerConfiguration(),
    on loops: EventLoops
  ) {
    self.init(Router(services), configuration, on: loops)
  }

  /// Accepts connections at an address until `shutdown`. Returns the bound address: port 0 means
  /// any free one. Replaces an abandoned Unix socket, and removes its own at `shutdown`.
  ///
  /// Throws `TransportError`: `addressInUse` if another server listens there, `cannotListen`,
  /// `shutDown`.
  public func listen(on address: Address) async throws(TransportError) -> Address {
    try await acceptor.listen(on: address)
  }

  /// Open connections.
  public var connectionCount: Int { acceptor.connectionCount }

  /// Refuses new connections and calls, lets running calls end within the grace, then ends them
  /// with UNAVAILABLE for their callers. Returns once all is closed.
  public func shutdown(grace: Duration) async {
    await acceptor.shutdown(grace: grace) {
      $0.shutDown()
    } abort: {
      $0.abort()
    }
  }
}
