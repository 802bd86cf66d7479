import NIOCore
import NIOHTTP1
import NIOPosix
import RPCTransport
import ServiceLifecycle
import Synchronization

/// Serves the metrics, over HTTP/1.1: `GET /metrics`, and nothing else.
///
/// A connection is for one request. So nobody is kept waiting, certificates are looked at each
/// time, and one limit holds for all that a client may take its time with.
package final class MetricsServer: ServiceLifecycle.Service {
  private struct State {
    var listener: (any Channel)?
    var connections: [ObjectIdentifier: any Channel] = [:]
  }

  private let loops: EventLoops
  private let tls: ServerTLS?
  private let limits: MetricsLimits
  private let page: @Sendable () async -> String
  private let state = Mutex(State())

  package init(
    on loops: EventLoops, tls: ServerTLS?, limits: MetricsLimits = MetricsLimits(),
    _ page: @escaping @Sendable () async -> String
  ) {
    self.loops = loops
    self.tls = tls
    self.limits = limits
    self.page = page
  }

  /// Takes connections, until `run` ends. Returns the address it got: port 0 asks for any free one.
  package func listen(host: String, port: Int) async throws(TransportError) -> Address {
    let wanted = Address.tcp(host: host, port: port)
    do {
      let listener = try await ServerBootstrap(group: loops.group)
        .serverChannelOption(.backlog, value: 64)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
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

  package func run() async {
    try? await gracefulShutdown()
    await close()
  }

  func close() async {
    let channels = state.withLock { state in
      defer { state.listener = nil }
      return [state.listener].compactMap(\.self) + state.connections.values
    }
    for channel in channels { try? await channel.close() }
  }

  private func open(_ channel: any Channel) throws {
    let key = ObjectIdentifier(channel)
    try state.withLock { (state) throws(TransportError) in
      guard state.connections.count < limits.connectionsMax else {
        throw TransportError(.tooManyConnections, "the listener holds as many as it may")
      }
      state.connections[key] = channel
    }
    channel.closeFuture.whenComplete { [self] _ in
      state.withLock { _ = $0.connections.removeValue(forKey: key) }
    }
    try tls?.secure(channel)
    try channel.pipeline.syncOperations.addHandlers(
      ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: limits.headers)),
      HTTPResponseEncoder(), HTTPServerProtocolErrorHandler(), MetricsConnection(limits, page))
  }
}
