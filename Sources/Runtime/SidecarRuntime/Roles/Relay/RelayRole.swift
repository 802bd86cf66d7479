import ServiceLifecycle
import SidecarConfiguration

/// Publishes the log to the message channel, for command-handlers that do not. Its server has only
/// health, status and metrics.
struct RelayRole: SidecarRole {
  static let role = Role.relay
  static let needs: RoleNeeds = [.store]

  let shared: SharedParts
  let background: [any ServiceLifecycle.Service]

  init(_ shared: SharedParts) throws {
    self.shared = shared
    guard let publishing = shared.directory.publishing(logger: shared.logger) else {
      throw SidecarError("a relay publishes to a message channel: set channel")
    }
    // A command-handler of this process publishes by itself.
    background = shared.roles.contains(.commandHandler) ? [] : [publishing]
  }
}
