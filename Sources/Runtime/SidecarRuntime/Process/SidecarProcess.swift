import EventModel
import EventSourcing
import Files
import Logging
import LogicProcesses
import RPCTransport
import ServiceLifecycle
import SidecarConfiguration
import Sidecars
import Telemetry

/// One Outrider process: its roles, each with its server, and all background services.
public struct SidecarProcess {
  /// The progress of a start.
  public enum Progress: Sendable {
    /// Every role takes calls, and signals are handled. Commands wait for the logic.
    case listening([(name: String, address: Address)])
    /// The logic serves too, and health is SERVING.
    case ready
  }

  private let configuration: Configuration
  private let roles: [Role]
  private let version: String
  private let logger: Logger
  private let changes: ConfigurationChanges?

  /// - Parameters:
  ///   - version: the executable's version, for metrics.
  ///   - changes: changes of the configuration to apply while running; nil: none.
  public init(
    _ configuration: Configuration, roles: [Role], version: String, logger: Logger,
    changes: ConfigurationChanges? = nil
  ) {
    self.configuration = configuration
    self.roles = roles
    self.version = version
    self.logger = logger
    self.changes = changes
  }

  /// Serves until SIGTERM or SIGINT, then drains calls and returns.
  ///
  /// - Parameters:
  ///   - logic: programs to start beside the sidecars. They must serve before this process is
  ///     ready, and end after the sidecars.
  ///   - report: called with the progress of the start.
  public func run(
    starting logic: [LogicProcess] = [],
    report: @escaping @Sendable (Progress) async -> Void = { _ in }
  ) async throws {
    for process in logic { try await process.requireAddress() }
    for warning in configuration.warnings { logger.warning("\(warning)") }
    FreedMemory.keep()
    OpenFileLimit.raise()
    let composition = try Composition(
      configuration, roles: Set(roles), version: version, logger: logger,
      changes: changes)
    do {
      try await group(of: services(of: composition, logic, report)).run()
    } catch {
      await composition.shared.close()
      throw error
    }
    await composition.shared.close()
  }

  /// All services, in starting order. Shutdown is in reverse: consumers leave first, then calls
  /// end, then deliveries, then the logic. Metrics stay readable to the last.
  private func services(
    of composition: Composition, _ logic: [LogicProcess],
    _ report: @escaping @Sendable (Progress) async -> Void
  ) async throws -> [any ServiceLifecycle.Service] {
    let (shared, played) = (composition.shared, roles.map(composition.shared.roles.named))
    var servers: [Servers.Server] = []
    for role in played {
      let server = try await role.listen()
      shared.status.add(server.role, at: "\(server.address)", server.health)
      servers.append(server)
    }
    let metrics = try await listen(for: composition, of: servers)
    var besides: [SideListener] = []
    for role in played { besides += try await role.listenBesides() }
    let serving = Servers(
      servers: servers,
      store: StoreProbe(
        storage: shared.storage, domains: shared.directory.names ?? [], logger: logger),
      schemas: shared.schemas, logic: logic.compactMap { probe($0, shared.channels) },
      drainTimeout: configuration.drainTimeout,
      others: besides.map { ($0.name, $0.address) }
        + (metrics.map { [("metrics", $0.address)] } ?? []),
      report: report)
    return (metrics.map { [$0.server] } ?? []) + logic + composition.services
      + [serving, ConsumerEnding(calls: shared.consumers)] + besides.map(\.service)
  }

  private func probe(_ process: LogicProcess, _ channels: Channels) -> LogicProbe? {
    process.address.map { endpoint in
      let business = configuration.domains.map(\.logic).first { $0.endpoint == endpoint }
      let address = business ?? LogicAddress(endpoint)
      return LogicProbe(
        address: address, process: process, channel: channels.channel(to: address),
        logger: logger)
    }
  }

  /// Nil without metrics.
  private func listen(
    for composition: Composition, of servers: [Servers.Server]
  ) async throws -> (server: MetricsServer, address: Address)? {
    guard let metrics = composition.metrics,
      case .tcp(let host, let port)? = configuration.metrics.listen
    else { return nil }
    let server = MetricsServer(
      on: composition.shared.loops, tls: composition.shared.security.web
    ) {
      await metrics.text(
        connections: servers.map { ($0.role.rawValue, $0.server.connectionCount) })
    }
    do {
      return (server, try await server.listen(host: host, port: port))
    } catch {
      throw SidecarError("metrics cannot be served: \(error)")
    }
  }

  private func group(of services: [any ServiceLifecycle.Service]) -> ServiceGroup {
    var quiet = logger
    quiet.logLevel = max(logger.logLevel, .warning)
    return ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: services.map {
          .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup)
        },
        gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet))
  }
}
