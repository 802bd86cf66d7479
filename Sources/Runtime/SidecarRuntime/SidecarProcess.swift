import CallSecurity
import EventModel
import EventSourcing
import Logging
import LogicProcesses
import RPC
import RPCTransport
import ServiceLifecycle
import SidecarConfiguration
import Sidecars
import Telemetry

/// One Outrider process: the roles that it plays, wired to their store, their logic and their
/// ports.
///
/// The only place that knows every adapter.
public struct SidecarProcess {
  /// How far a start has come.
  public enum Progress: Sendable {
    /// Every role takes calls, and signals are heeded. Commands wait for the logic.
    case listening([(role: Role, address: Address)], metrics: Address?)
    /// The logic serves too, and health says so.
    case ready
  }

  private let configuration: Configuration
  private let roles: [Role]
  private let version: String
  private let logger: Logger

  /// - Parameter version: of the executable, as metrics tell it.
  public init(
    _ configuration: Configuration, roles: [Role], version: String, logger: Logger
  ) {
    self.configuration = configuration
    self.roles = roles
    self.version = version
    self.logger = logger
  }

  /// Serves until SIGTERM or SIGINT, then ends calls under way and returns.
  ///
  /// - Parameters:
  ///   - logic: the programs to start beside the sidecars. They run as long as the sidecars do, end
  ///     after them, and must serve before this process is ready.
  ///   - report: hears how the start goes.
  public func run(
    starting logic: [LogicProcess] = [],
    report: @escaping @Sendable (Progress) async -> Void = { _ in }
  ) async throws {
    for process in logic { try await process.requireAddress() }
    for warning in configuration.warnings { logger.warning("\(warning)") }
    let security = try Security(configuration, logger)
    let storage: any Storage
    do { storage = try configuration.openStorage(logger) } catch {
      throw SidecarError("cannot open the store \(configuration.store): \(error)")
    }
    let descriptors = try configuration.readDescriptors()
    FreedMemory.keep()
    let loops = EventLoops(threads: configuration.threadCount)
    let writes = StoreWatch(logger)
    let metrics = configuration.metrics.listen.map { _ in
      MetricsPage(version: version, others: [writes])
    }
    let capacity = ServerCapacity(configuration.serverLimits)
    let channels = Channels(
      on: loops, limits: configuration.channelLimits, sidecarTLS: security.client,
      token: security.peerToken, metrics: metrics?.calls)
    let subscriptions = SubscriptionService()
    let marks = LowWaterMarks()
    let directory = DomainDirectory(
      configuration, roles: Set(roles), storage: storage, channels: channels,
      subscriptions: subscriptions,
      observer: SubscriptionLogger(owner: Self.newOwner(), logger: logger),
      metrics: metrics?.subscriptions,
      histories: HistoryWatch(logger: logger, metrics: metrics?.histories),
      writes: writes, marks: marks)
    let payloads = PayloadDescriptors(
      given: descriptors, logic: configuration.logicEndpoints.map { channels.channel(to: $0) },
      admission: security.admission)
    let projecting = roles.contains(.projector) ? directory.projectingDomains() : nil

    // Whoever comes later here ends earlier: calls first, then deliveries, then the logic.
    var services: [any ServiceLifecycle.Service] = logic + security.services
    services += [writes, subscriptions]
    let watch = projecting.map { projecting in
      DomainWatch(storage: storage, names: directory.names, logger: logger) { domain in
        try await directory.follow(domain, with: projecting)
      }
    }
    if let watch { services.append(watch) }
    do {
      var servers: [Servers.Server] = []
      for role in roles {
        servers.append(
          try await listen(
            role, directory, projecting, watch, storage, marks, loops, capacity, security,
            metrics?.calls, payloads))
      }
      for server in servers where server.role == .commandHandler { writes.govern(server.health) }
      let metricsServer = try await listen(for: metrics, of: servers, loops, security)
      // What is measured can be read to the last.
      if let metricsServer { services.insert(metricsServer.server, at: 0) }
      services.append(
        Servers(
          servers: servers,
          store: StoreProbe(storage: storage, domains: directory.names ?? [], logger: logger),
          logic: logic.compactMap { process in
            process.address.map { address in
              LogicProbe(
                address: address, process: process, channel: channels.channel(to: address),
                logger: logger)
            }
          }, drainTimeout: configuration.drainTimeout, metrics: metricsServer?.address,
          report: report))
      try await group(of: services).run()
    } catch {
      await close(storage, channels, loops)
      throw error
    }
    await close(storage, channels, loops)
  }

  private func listen(
    _ role: Role, _ directory: DomainDirectory, _ projecting: ServedDomains<ProjectingDomain>?,
    _ watch: DomainWatch?, _ storage: any Storage, _ marks: LowWaterMarks, _ loops: EventLoops,
    _ capacity: ServerCapacity, _ security: Security, _ metrics: CallMetrics?,
    _ payloads: PayloadDescriptors
  ) async throws -> Servers.Server {
    let services = self.services(of: role, directory, projecting, watch, storage, marks)
      .map { service in security.admission.map(service.admitted) ?? service }
      .map { $0.intercepted(by: [TraceCarrier(), CallLog(logger)]) }
      .map { service in metrics.map { service.observed(byEach: $0.server) } ?? service }
    let health = HealthTable(services: services.map(\.name))
    var settings = configuration.server
    settings.tls = security.server
    settings.capacity = capacity
    let server = RPCServer(
      Service.reflecting(services + [.health(health)], payloads: payloads), settings, on: loops)
    let wanted = Address.tcp(host: configuration.host, port: configuration.port.of(role))
    do {
      let address = try await server.listen(on: wanted)
      return Servers.Server(role: role, server: server, health: health, address: address)
    } catch {
      throw SidecarError("the \(role.rawValue) cannot listen: \(error)")
    }
  }

  /// Nil where nothing is measured.
  private func listen(
    for metrics: MetricsPage?, of servers: [Servers.Server], _ loops: EventLoops,
    _ security: Security
  ) async throws -> (server: MetricsServer, address: Address)? {
    guard let metrics, case .tcp(let host, let port)? = configuration.metrics.listen else {
      return nil
    }
    let server = MetricsServer(on: loops, tls: security.metrics) {
      await metrics.text(
        connections: servers.map { ($0.role.rawValue, $0.server.connectionCount) })
    }
    do {
      return (server, try await server.listen(host: host, port: port))
    } catch {
      throw SidecarError("metrics cannot be served: \(error)")
    }
  }

  private func services(
    of role: Role, _ directory: DomainDirectory, _ projecting: ServedDomains<ProjectingDomain>?,
    _ watch: DomainWatch?, _ storage: any Storage, _ marks: LowWaterMarks
  ) -> [RPC.Service] {
    switch role {
    case .commandHandler:
      return [
        .businessCoordinator(
          directory.commandHandlers(with: projecting) { watch?.look() },
          causes: Causes(in: storage),
          deadlineDefault: configuration.command.deadline)
      ]
    case .queryHandler:
      let domains = QueriedDomains(storage: storage, served: directory.names)
      return [
        .eventQuery(domains), .log(domains),
        .projections(
          domains, readYourWrites: ReadYourWrites(marks),
          deadlineDefault: configuration.command.deadline),
      ]
    case .projector:
      let projecting = projecting ?? directory.projectingDomains()
      return [
        .projectorCoordinator(projecting, deadlineDefault: configuration.command.deadline),
        .parked(projecting),
      ]
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

  private func close(_ storage: any Storage, _ channels: Channels, _ loops: EventLoops) async {
    await channels.close()
    await storage.close()
    try? await loops.shutdown()
  }

  /// A name that no other process has.
  private static func newOwner() -> Name {
    Name(String(UInt64.random(in: .min ... .max), radix: 16))
  }
}

extension Configuration {
  fileprivate var threadCount: Int { threads == 0 ? availableCores : threads }

  fileprivate var server: RPCServerConfiguration {
    var server = RPCServerConfiguration()
    server.limits = serverLimits
    server.connectionAgeMax = connection.ageMax == .zero ? nil : connection.ageMax
    server.connectionAgeGrace = connection.ageGrace
    server.connectionIdleMax = connection.idleMax == .zero ? nil : connection.idleMax
    return server
  }

  fileprivate var serverLimits: RPCLimits {
    var limits = RPCLimits()
    limits.messageBytesMax = limit.messageSize
    limits.concurrentStreamsMax = limit.concurrentStreams
    limits.headerBytesMax = limit.headerSize
    limits.memoryBytesMax = limit.memory
    limits.connectionBytesMax = limit.connectionMemory
    limits.connectionsMax = min(limit.connections, DescriptorLimit.connectionsMax)
    limits.connectionsPerPeerMax = limit.connectionsPerPeer
    limits.requestTimeout = connection.requestTimeout == .zero ? nil : connection.requestTimeout
    return limits
  }

  /// Logic's answers are let in although they are too large to be stored: the refusal then says so.
  fileprivate var channelLimits: RPCLimits {
    var limits = serverLimits
    limits.messageBytesMax = 2 * limit.messageSize
    return limits
  }
}
