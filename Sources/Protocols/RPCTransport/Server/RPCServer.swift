import NIOCore
import NIOPosix
import RPC

/// A gRPC server over HTTP/2, with TLS or without, on any number of addresses.
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

  /// Takes connections at an address, until `shutdown`. Returns the address it got: port 0 asks for
  /// any free one. A unix socket replaces one that is left there and that nobody listens on, and is
  /// removed by `shutdown`.
  ///
  /// Throws `TransportError`: `addressInUse` if somebody else listens there, `cannotListen`,
  /// `shutDown`.
  public func listen(on address: Address) async throws(TransportError) -> Address {
    try await acceptor.listen(on: address)
  }

  /// How many connections are open.
  public var connectionCount: Int { acceptor.connectionCount }

  /// Takes no more connections nor calls, lets the calls in flight end for up to the grace, then
  /// ends them, so that their callers see UNAVAILABLE. Returns when all is closed.
  public func shutdown(grace: Duration) async {
    await acceptor.shutdown(grace: grace) {
      $0.shutDown()
    } abort: {
      $0.abort()
    }
  }
}
