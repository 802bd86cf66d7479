import EventModel
import RPC
import RPCTransport
import ServiceLifecycle
import SidecarConfiguration
import Sidecars
import Telemetry

/// A role in its process: its server, and the services that run beside it. A new role is one
/// folder beside this file, and one line in `Composition`.
protocol SidecarRole: Sendable {
  static var role: Role { get }
  /// Parts that the process opens for it.
  static var needs: RoleNeeds { get }

  /// The team's code that it calls.
  static func logic(in configuration: Configuration) -> [LogicUse]

  /// Its consumers of a domain's log, whether this process plays it or another: for operators.
  static func followers(
    of domain: Name, in directory: DomainDirectory
  ) async throws -> [Follower]

  var shared: SharedParts { get }

  /// Contacts no server yet. Must not look for other roles of the process before it returns.
  init(_ shared: SharedParts) throws

  /// The gRPC services of its server.
  var services: [RPC.Service] { get }

  /// Services that run beside its server, in starting order.
  var background: [any ServiceLifecycle.Service] { get }

  /// Its own metrics.
  var measured: [any Measured] { get }

  /// Starts its server. Throws `SidecarError` if it cannot listen.
  func listen() async throws -> Servers.Server

  /// Starts its listeners of other protocols. Throws `SidecarError` if one cannot listen.
  func listenBesides() async throws -> [SideListener]

  /// Takes the health of its gRPC server, to suspend it while the role cannot serve.
  func govern(_ health: HealthTable)
}

/// Parts that not every process opens.
struct RoleNeeds: OptionSet {
  let rawValue: Int

  /// The configured store. Without it the process stores nothing.
  static let store = RoleNeeds(rawValue: 1 << 0)
  /// The configured store with the events of its domains.
  static let history: RoleNeeds = [.store, RoleNeeds(rawValue: 1 << 5)]
  /// The schemas in the settings, to be registered.
  static let schemas = RoleNeeds(rawValue: 1 << 1)
  /// The channel of commands, if one is configured.
  static let commandChannel = RoleNeeds(rawValue: 1 << 2)
  /// The types of payloads, to convert them to and from JSON.
  static let payloadTypes = RoleNeeds(rawValue: 1 << 3)
  /// A cache of sagas' instances.
  static let instances = RoleNeeds(rawValue: 1 << 4)
}

/// A listener beside a role's server.
struct SideListener: Sendable {
  let name: String
  let address: Address
  /// Closes its connections at shutdown.
  let service: any ServiceLifecycle.Service
}

extension SidecarRole {
  static func logic(in configuration: Configuration) -> [LogicUse] { [] }

  static func followers(
    of domain: Name, in directory: DomainDirectory
  ) async throws -> [Follower] { [] }

  var services: [RPC.Service] { [] }
  var background: [any ServiceLifecycle.Service] { [] }
  var measured: [any Measured] { [] }
  func listenBesides() async throws -> [SideListener] { [] }
  func govern(_ health: HealthTable) {}

  /// Starts a gRPC server with the role's services, the status, health and reflection.
  func listen() async throws -> Servers.Server {
    let services = (services + [shared.statusService]).map(shared.guarded)
    let health = HealthTable(services: services.map(\.name))
    let server = RPCServer(
      Service.reflecting(services + [.health(health)], payloads: shared.payloads),
      shared.serverSettings, on: shared.loops)
    govern(health)
    let configuration = shared.configuration
    let wanted = Address.tcp(host: configuration.host, port: configuration.port.of(Self.role))
    do {
      let address = try await server.listen(on: wanted)
      return Servers.Server(role: Self.role, server: server, health: health, address: address)
    } catch {
      throw SidecarError("the \(Self.role.rawValue) cannot listen: \(error)")
    }
  }
}
