import RPC
import SidecarConfiguration

/// The gRPC services of a role's server. A new role is one line in `of`, and one file in a folder
/// beside this one if it has services of its own.
struct SidecarRole: Sendable {
  let services: @Sendable (Composition) -> [RPC.Service]

  static func of(_ role: Role) -> SidecarRole {
    switch role {
    case .commandHandler: .commandHandler
    case .queryHandler: .queryHandler
    case .projector: .projector
    case .saga: .saga
    case .relay: .relay
    case .gateway: .gateway
    }
  }
}

// Roles whose servers have only health, status and metrics.

extension SidecarRole {
  /// Publishes the log to the message channel.
  static let relay = SidecarRole { _ in [] }

  /// Serves clients over HTTP/1.1, and calls the other roles for them: see `HTTPGateway`.
  static let gateway = SidecarRole { _ in [] }
}
