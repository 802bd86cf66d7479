import HTTP1
import Metrics
import RPC
import RPCTransport
import ServiceLifecycle

/// Serves `GET /metrics` over HTTP/1.1, and nothing else.
///
/// A connection carries one request. So no request queues behind another, each one's certificate
/// is checked, and one time limit covers everything that a client may delay.
package final class MetricsServer: ServiceLifecycle.Service {
  /// Open connections. One more is closed as soon as it is accepted.
  private static let connectionsMax = 16

  private let server: HTTPServer

  package init(
    on loops: EventLoops, tls: ServerTLS?, _ page: @escaping @Sendable () async -> String
  ) {
    let metrics = HTTPRoute("GET", "/metrics") { _ in
      HTTPResponse(type: Exposition.contentType, await page())
    }
    let service = HTTPService(HTTPRouter([metrics], answersOptions: false)) { error, _ in
      let failure = error as? HTTPFailure ?? HTTPFailure(500, "the metrics cannot be told")
      return HTTPResponse(
        failure.status, type: "text/plain; charset=utf-8", failure.message + "\n", failure.fields)
    }
    var capacity = RPCLimits()
    capacity.connectionsMax = 2 * Self.connectionsMax
    capacity.connectionsPerPeerMax = Self.connectionsMax
    server = HTTPServer(
      service, Self.limits, tls: tls, on: loops, sharing: ServerCapacity(capacity))
  }

  private static var limits: HTTPLimits {
    var limits = HTTPLimits()
    limits.bodyBytesMax = 16 << 10
    limits.requestsPerConnectionMax = 1
    limits.connectionTimeMax = .seconds(10)
    return limits
  }

  /// Accepts connections until `run` ends. Returns the bound address: port 0 means any free port.
  package func listen(host: String, port: Int) async throws(TransportError) -> Address {
    try await server.listen(host: host, port: port)
  }

  package func run() async {
    try? await gracefulShutdown()
    await close()
  }

  func close() async { await server.shutdown(grace: .zero) }
}
