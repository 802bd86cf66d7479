import RPC
import SidecarConfiguration

/// The gRPC services of a role's server. A new role is one file beside this one, and one line in
/// `of`.
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
