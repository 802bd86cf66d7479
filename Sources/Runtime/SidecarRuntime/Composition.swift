import Logging
import RPC
import ServiceLifecycle
import SidecarConfiguration
import Telemetry

/// The roles of one process, joined with what they share.
struct Composition: Sendable {
  /// All roles, in the order in which their background services start.
  static let all: [any SidecarRole.Type] = [
    ProjectorRole.self, RelayRole.self, CommandHandlerRole.self, SagaRole.self,
    QueryHandlerRole.self, GatewayRole.self,
  ]

  let shared: SharedParts
  /// Nil without metrics.
  let metrics: MetricsPage?
  private let played: [any SidecarRole]

  /// Opens the store, but contacts no server yet. Throws `SidecarError` if a file or the store
  /// cannot be used.
  init(
    _ configuration: Configuration, roles: Set<Role>, version: String, logger: Logger,
    changes: ConfigurationChanges? = nil
  ) throws {
    let shared = try SharedParts(
      configuration, roles: LocalRoles(Self.types(of: roles)), version: version, logger: logger,
      changes: changes)
    let played = try shared.roles.types.map { try $0.init(shared) }
    shared.roles.play(played)
    (self.shared, self.played) = (shared, played)
    metrics = shared.metricsPage(with: played.flatMap(\.measured))
  }

  static func types(of roles: Set<Role>) -> [any SidecarRole.Type] {
    all.filter { roles.contains($0.role) }
  }

  /// Services beside the servers, in starting order.
  var services: [any ServiceLifecycle.Service] {
    shared.services + played.flatMap(\.background) + [QuietMemory()]
  }
}
