import CallSecurity
import EventModel
import EventSourcing
import Eventuate
import Logging
import Payloads
import RPC
import RPCTransport
import ServiceLifecycle
import SidecarConfiguration
import Sidecars
import Telemetry
import Timing
import Wire

/// Wires together what the roles of one process share. The only place that knows every adapter.
final class Composition: Sendable {
  let configuration: Configuration
  let roles: Set<Role>
  let logger: Logger
  let security: Security
  let storage: any Storage
  /// The message broker, one channel for each place to publish to; empty if none is configured.
  let brokers: [any MessageChannel]
  /// The channel of commands from gateways to command-handlers; nil if none is configured.
  let commands: (any CommandChannel)?
  let loops: EventLoops
  let channels: Channels
  /// Shared by all servers.
  let capacity: ServerCapacity
  /// Nil without metrics.
  let metrics: MetricsPage?
  /// Nil if this process is no gateway.
  let gatewayMetrics: GatewayMetrics?
  /// Counts Eventuate's clients.
  let eventuate = EventuateActivity()
  /// Nil without spans.
  let traces: Traces?
  /// Watches the store's health.
  let writes: StoreWatch
  /// The status of this process, for operators.
  let status: StatusBoard
  /// The progress of each projector of this process.
  let marks = LowWaterMarks()
  /// The generation of each projector's projections that queries read.
  let live = LiveGenerations()
  /// Streaming calls of consumers.
  let consumers = ConsumerCalls()
  let directory: DomainDirectory
  /// Empty if this process takes no commands.
  let schemas: DomainSchemas
  let payloads: PayloadDescriptors
  /// Converts payloads to and from JSON, for the gateway and the intake of commands.
  let payloadTypes: PayloadTypes
  /// From the setting `descriptors` and the domains' schemas.
  let descriptors: DescriptorSet
  /// The command handlers of each domain; nil if this process is no command-handler.
  let handlers: ServedDomains<CommandHandler>?
  /// Nil if this process plays no sagas.
  let sagas: SagaDirectory?
  /// The sagas that follow each domain, and each saga's own domain; nil as `sagas`.
  let sagaDomains: ServedDomains<SagaDomain>?
  /// The projectors of each domain; nil if this process is no projector.
  let projecting: ServedDomains<ProjectingDomain>?
  /// Starts the projectors of each domain once it exists; nil as `projecting`.
  let watch: DomainWatch?
  /// Starts publishing each domain once it exists; nil if this process does not publish.
  let publishing: DomainWatch?
  /// Starts the sagas on each domain once it exists, and carries out their steps; empty without
  /// sagas.
  private let sagaWatches: [DomainWatch]
  /// Starts carrying out dispatched commands once there are some; nil if this process takes no
  /// commands.
  let carrying: DomainWatch?
  private let exporter: TraceExporter?
  /// Nil if the configuration cannot change.
  private let follower: ConfigurationFollower?
  let subscriptions: SubscriptionService

  /// Opens the store, but contacts no server yet. Throws `SidecarError` if a file or the store
  /// cannot be used.
  init(
    _ configuration: Configuration, roles: Set<Role>, version: String, logger: Logger,
    changes: ConfigurationChanges? = nil
  ) throws {
    var configuration = configuration
    // A gateway alone stores nothing.
    if roles == [.gateway] { configuration.store = .memory }
    self.configuration = configuration
    self.roles = roles
    self.logger = logger
    let gatewayMetrics = roles.contains(.gateway) ? GatewayMetrics() : nil
    self.gatewayMetrics = gatewayMetrics
    let security = try Security(configuration, logger)
    let storage: any Storage
    do { storage = try configuration.openStorage(version: version, logger) } catch {
      throw SidecarError("cannot open the store \(configuration.store): \(error)")
    }
    let schemas = try DomainSchemas(
      of: configuration, as: roles, in: storage, logger)
    let opened = try configuration.openChannels(logger)
    if roles.contains(.relay), opened.isEmpty {
      throw SidecarError("a relay publishes to a message channel: set channel")
    }
    let openedCommands = try configuration.openCommandChannel(for: roles, logger)
    let descriptors = try configuration.readDescriptors(and: schemas.descriptorSets)
    payloadTypes = PayloadTypes(
      roles.contains(.gateway) || openedCommands != nil
        ? try configuration.readPayloadSchema() : .wellKnown)
    let writes = StoreWatch(logger)
    let shelf = roles.contains(.commandHandler) ? try configuration.openShelf(logger) : nil
    let (subscriptionMetrics, leases) = (SubscriptionMetrics(), LeaseWatch())
    let calls = configuration.metrics.listen.map { _ in CallMetrics() }
    let historyMetrics = HistoryMetrics()
    let traces = configuration.traces.endpoint.map { _ in Traces(configuration.traces) }
    let channelMetrics = configuration.channelMetrics
    let brokers = opened.map { configuration.observing($0, channelMetrics, traces?.tracer) }
    let commands = openedCommands.map { configuration.observing($0, channelMetrics) }
    let loops = try EventLoops.starting(threads: configuration.threadCount)
    let subscriptions = SubscriptionService(on: loops)
    self.subscriptions = subscriptions
    let channels = Channels(
      on: loops, limits: configuration.channelLimits, sidecarTLS: security.client,
      webTLS: try configuration.webTLS(), token: security.peerToken, metrics: calls,
      tracer: traces?.tracer)
    exporter = try traces?.exporter(
      of: configuration, roles, version, over: channels, logger)
    let follower = try changes.map { [traces] changes in
      try ConfigurationFollower(
        changes, policy: security.policy, tracer: traces?.tracer, logger: logger)
    }
    self.follower = follower
    let events: any Histories =
      configuration.source == .log
      ? storage : RemoteHistories(channels.channel(toSidecar: configuration.queryHandler))
    let owner = Self.newOwner()
    let histories = HistoryWatch(logger: logger, metrics: historyMetrics)
    let directory = DomainDirectory(
      configuration, roles: roles, storage: storage, events: events, brokers: brokers,
      commands: commands, channels: channels, schemas: schemas, tracer: traces?.tracer,
      subscriptions: subscriptions,
      observer: SubscriptionLogger(owner: owner, logger: logger),
      metrics: subscriptionMetrics, leases: leases, histories: histories,
      writes: writes, shelf: shelf, marks: marks, live: live)
    status = StatusBoard(
      process: owner, version: version, configuration, storage: storage,
      brokers: brokers.map(\.name), writes: writes, histories: histories,
      logic: configuration.logicLooks(of: roles, channels),
      followers: FollowerLook(
        directory: directory, meters: subscriptionMetrics, leases: leases,
        domainsMax: min(64, configuration.limit.openDomains), environment: .live))
    metrics = calls.map { [status, eventuate, configuration, limits = configuration.status] calls in
      let others: [(any Measured)?] = [
        writes, StatusMetrics(limits: limits) { await status.status() }, channelMetrics,
        traces?.queue, follower, gatewayMetrics, shelf?.watch,
        configuration.eventuate.enabled ? eventuate : nil,
      ]
      return MetricsPage(
        version: version, calls: calls, subscriptions: subscriptionMetrics,
        histories: historyMetrics, others: others.compactMap(\.self))
    }
    let projecting = roles.contains(.projector) ? directory.projectingDomains() : nil
    watch = projecting.map { projecting in
      DomainWatch(histories: events, where: directory.serves, logger: logger) { domain in
        try await directory.follow(domain, with: projecting)
      }
    }
    publishing =
      brokers.isEmpty || roles.isDisjoint(with: [.commandHandler, .relay])
      ? nil
      : DomainWatch(histories: storage, where: directory.serves, logger: logger) { domain in
        try await directory.publish(domain)
      }
    let steps = DomainWatch.looks()
    let sagas =
      roles.contains(.saga) ? try SagaDirectory(directory) { steps.continuation.yield() } : nil
    let sagaDomains = sagas?.domains()
    let handlers =
      roles.contains(.commandHandler)
      ? directory.commandHandlers(with: projecting, sagaDomains) { [watch, publishing] in
        watch?.look()
        publishing?.look()
      } : nil
    if let handlers { sagas?.send(to: handlers) }
    (self.handlers, self.sagas, self.sagaDomains) = (handlers, sagas, sagaDomains)
    if let sagas, let sagaDomains {
      let own = Set(configuration.ownSagaDomains)
      sagaWatches = [
        DomainWatch(histories: events, where: sagas.follows, logger: logger) { domain in
          try await sagas.follow(domain, with: sagaDomains)
        },
        DomainWatch(histories: storage, where: own.contains, logger: logger, looks: steps) {
          try await sagas.dispatch($0, with: sagaDomains)
        },
      ]
    } else {
      sagaWatches = []
    }
    carrying = handlers.map { handlers in
      DomainWatch(
        histories: storage, where: { $0.domainOfCommands.map(directory.serves) ?? false },
        logger: logger, follow: { try await directory.carryOut($0, with: handlers) })
    }
    payloads = PayloadDescriptors(
      given: descriptors, logic: configuration.logicEndpoints.map { channels.channel(to: $0) },
      admission: security.admission)
    capacity = ServerCapacity(configuration.serverLimits)
    (self.schemas, self.descriptors) = (schemas, descriptors)
    (self.security, self.storage, self.writes) = (security, storage, writes)
    (self.loops, self.channels, self.directory) = (loops, channels, directory)
    (self.brokers, self.commands, self.traces) = (brokers, commands, traces)
    self.projecting = projecting
    try takeCommands()
  }

  /// Services beside the servers, in starting order.
  var services: [any ServiceLifecycle.Service] {
    let first: [(any ServiceLifecycle.Service)?] = [exporter, follower]
    return first.compactMap(\.self) + security.services + [writes, subscriptions]
      + [watch, publishing, carrying].compactMap(\.self) + sagaWatches + [QuietMemory()]
  }

  /// The services of a role, with the interceptors of all calls. Admission is innermost, so that
  /// log and metrics see its refusals.
  func services(of role: Role) -> [RPC.Service] {
    (SidecarRole.of(role).services(self) + [statusService]).map(guarded)
  }

  /// A service with the interceptors of all calls.
  func guarded(_ service: RPC.Service) -> RPC.Service {
    let admitted = security.admission.map(service.admitted) ?? service
    let logged = admitted.intercepted(by: [TraceCarrier(traces?.tracer), CallLog(logger)])
    return metrics.map { logged.observed(byEach: $0.calls.server) } ?? logged
  }

  /// Serves the schemas of domains.
  var schemaService: RPC.Service {
    .schemas(QueriedDomains(storage: storage, served: directory.readableNames)) { [schemas] in
      try await schemas.register($0)
    }
  }

  private var statusService: RPC.Service {
    .status(beyond: configuration.status) { [status] in await status.status() }
  }

  var serverSettings: RPCServerConfiguration {
    var settings = configuration.server
    settings.tls = security.server
    settings.capacity = capacity
    return settings
  }

  func close() async {
    await channels.close()
    for broker in brokers { await broker.close() }
    await commands?.close()
    await storage.close()
    try? await loops.shutdown()
  }

  /// A name that is unique among processes.
  private static func newOwner() -> Name {
    Name(String(Environment.live.random(), radix: 16))
  }
}
