import EventModel
import EventSourcing
import ServiceLifecycle
import SidecarConfiguration

/// Publishes the log to the message channel, for command-handlers that do not. Its server has only
/// health, status and metrics.
struct RelayRole: SidecarRole {
  static let role = Role.relay
  static let needs: RoleNeeds = .history

  static func followers(
    of domain: Name, in directory: DomainDirectory
  ) async throws -> [Follower] {
    let store = try await directory.storage.domain(domain)
    return directory.brokers.flatMap { channel in
      Follower.each(of: store) {
        Follower(.relay, Relay.subscription(to: channel), partition: $0, in: store)
      }
    }
  }

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
