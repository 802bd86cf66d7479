import HTTP1
import RPCTransport

/// What a role is reached by: gRPC, or HTTP/1.1.
protocol RoleServer: Sendable {
  /// How many connections are open.
  var connectionCount: Int { get }

  /// Takes no more, lets what is under way end for up to the grace, and closes.
  func shutdown(grace: Duration) async
}

extension RPCServer: RoleServer {}
extension HTTPServer: RoleServer {}
