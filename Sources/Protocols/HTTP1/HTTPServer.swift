import NIOCore
import NIOHTTP1
import NIOPosix
import RPCTransport
import Synchronization

/// An HTTP/1.1 server, with TLS or without.
package final class HTTPServer: Sendable {
  private struct State {
    var listeners: [any Channel] = []
    var connections: [ObjectIdentifier: OpenConnection] = [:]
    var isShutDown = false
  }

  /// A connection as other threads may hold it: touched only by way of its loop.
  private struct OpenConnection: Sendable {
    let channel: any Channel
    let connection: NIOLoopBound<HTTPConnection>

    func run(_ body: @escaping @Sendable (HTTPConnection) -> Void) {
      channel.eventLoop.execute { body(connection.value) }
    }
  }

  private let service: HTTPService
  private let limits: HTTPLimits
  private let tls: ServerTLS?
  private let loops: EventLoops
  private let capacity: ServerCapacity
  private let gauges = HTTPGauges()
  private let state = Mutex(State())

  /// - Parameters:
  ///   - tls: how connections are secured; nil: not at all.
  ///   - capacity: what the server shares with others of the process: connections and memory.
  package init(
    _ service: HTTPService, _ limits: HTTPLimits, tls: ServerTLS?, on loops: EventLoops,
    sharing capacity: ServerCapacity
  ) {
    self.service = service
    self.limits = limits
    self.tls = tls
    self.loops = loops
    self.capacity = capacity
  }

  /// How many connections are open.
  package var connectionCount: Int { state.withLock { $0.connections.count } }

  /// How many answers go on for as long as their clients read.
  package var streamCount: Int { gauges.streams.load(ordering: .relaxed) }

  /// Bytes of requests and answers under way.
  package var heldBytes: Int { gauges.heldBytes.load(ordering: .relaxed) }

  /// Takes connections at an address, until `shutdown`. Returns the address it got: port 0 asks for
  /// any free one. Throws `TransportError`: `addressInUse`, `cannotListen`, `shutDown`.
  package func listen(host: String, port: Int) async throws(TransportError) -> Address {
    let wanted = Address.tcp(host: host, port: port)
    let listener: any Channel
    do { listener = try await bootstrap.bind(host: host, port: port).get() } catch {
      throw TransportError(cannotListenOn: wanted, error)
    }
    let isShutDown = state.withLock { state in
      if !state.isShutDown { state.listeners.append(listener) }
      return state.isShutDown
    }
    if isShutDown {
      try? await listener.close()
      throw TransportError(.shutDown, "the server was shut down")
    }
    return Address(listener.localAddress) ?? wanted
  }

  /// Takes no more connections, ends streams, lets the answers under way go out for up to the
  /// grace, and closes. Returns when all is closed.
  package func shutdown(grace: Duration) async {
    let (listeners, connections) = state.withLock { state in
      state.isShutDown = true
      defer { state.listeners = [] }
      return (state.listeners, Array(state.connections.values))
    }
    for listener in listeners { try? await listener.close() }
    for open in connections {
      open.run { connection in
        connection.drain()
        let loop = open.channel.eventLoop.assumeIsolated()
        let end = loop.scheduleTask(in: TimeAmount(grace)) { connection.close() }
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
        listener.eventLoop.makeCompletedFuture {
          try RPCServer.slowDownWithoutDescriptors(listener)
        }
      }
      .childChannelOption(
        .writeBufferWaterMark,
        value: .init(low: limits.socketBufferBytesMax / 2, high: limits.socketBufferBytesMax)
      )
      .childChannelInitializer { [self] channel in
        channel.eventLoop.makeCompletedFuture { try open(channel) }
      }
  }

  private func open(_ channel: any Channel) throws {
    let peer = PeerAddress(channel.remoteAddress)
    try capacity.add(peer)
    channel.closeFuture.whenComplete { [capacity] _ in capacity.remove(peer) }
    let connection = HTTPConnection(
      service, limits, loops.executor(on: channel.eventLoop),
      capacity.share(of: channel.eventLoop), gauges)
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
    try tls?.secure(channel)
    try channel.pipeline.syncOperations.addHandlers(
      HTTPResponseEncoder(),
      ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: limits.decoder)),
      HTTPServerPipelineHandler(), NIOHTTPResponseHeadersValidator(), connection)
  }
}
