import HTTP1
import RPCTransport

/// The server of a role: gRPC or HTTP/1.1.
protocol RoleServer: Sendable {
  /// The number of open connections.
  var connectionCount: Int { get }

  /// Refuses new calls, lets running ones end within the grace, and closes.
  func shutdown(grace: Duration) async
}

extension RPCServer: RoleServer {}
extension HTTPServer: RoleServer {}
