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

/// What the roles of one process share, wired together: the only place that knows every adapter.
final class Composition: Sendable {
  let configuration: Configuration
  let roles: Set<Role>
  let logger: Logger
  let security: Security
  let storage: any Storage
  /// The message broker: one for each place that everything is published to. Empty where none is
  /// configured.
  let brokers: [any MessageChannel]
  /// Where gateways publish commands, and command-handlers take theirs; nil where none is
  /// configured.
  let commands: (any CommandChannel)?
  let loops: EventLoops
  let channels: Channels
  /// Of all servers together.
  let capacity: ServerCapacity
  /// Nil where nothing is measured.
  let metrics: MetricsPage?
  /// Nil where this process is no gateway.
  let gatewayMetrics: GatewayMetrics?
  /// What Eventuate's clients do.
  let eventuate = EventuateActivity()
  /// Nil where nothing is recorded.
  let traces: Traces?
  /// The store's health.
  let writes: StoreWatch
  /// What operators are told of this process.
  let status: StatusBoard
  /// How far each projector of this process is.
  let marks = LowWaterMarks()
  /// Which generation of each projector's projections queries read.
  let live = LiveGenerations()
  /// Of those who consume events as they come.
  let consumers = ConsumerCalls()
  let directory: DomainDirectory
  /// Nothing where no command is taken.
  let schemas: DomainSchemas
  let payloads: PayloadDescriptors
  /// Of payloads that the gateway and the intake of commands turn into JSON, and back.
  let payloadTypes: PayloadTypes
  /// Those of `descriptors` and of the domains' schemas.
  let descriptors: DescriptorSet
  /// The command handlers of each domain; nil where this process does not play that role.
  let handlers: ServedDomains<CommandHandler>?
  /// Nil where this process does not play that role.
  let sagas: SagaDirectory?
  /// The sagas that follow each domain, and each saga's own; nil as `sagas`.
  let sagaDomains: ServedDomains<SagaDomain>?
  /// The projectors of each domain; nil where this process does not play that role.
  let projecting: ServedDomains<ProjectingDomain>?
  /// Has the projectors follow each domain as soon as it exists; nil as `projecting`.
  let watch: DomainWatch?
  /// Has each domain published as soon as it exists; nil where this process does not publish.
  let publishing: DomainWatch?
  /// Has sagas follow each domain as soon as it exists, and carries out what they say; empty where
  /// there are none.
  private let sagaWatches: [DomainWatch]
  /// Has dispatched commands carried out as soon as there are some; nil where this process takes no
  /// commands.
  let carrying: DomainWatch?
  private let exporter: TraceExporter?
  /// Nil where the configuration cannot change.
  private let follower: ConfigurationFollower?
  let subscriptions: SubscriptionService

  /// Opens the store, but asks nothing of a server yet. Throws `SidecarError` if a file or the
  /// store cannot be used.
  init(
    _ configuration: Configuration, roles: Set<Role>, version: String, logger: Logger,
    changes: ConfigurationChanges? = nil
  ) throws {
    var configuration = configuration
    // A gateway by itself keeps nothing, and needs no store.
    if roles == [.gateway] { configuration.store = .memory }
    self.configuration = configuration
    self.roles = roles
    self.logger = logger
    let gatewayMetrics = roles.contains(.gateway) ? GatewayMetrics() : nil
    self.gatewayMetrics = gatewayMetrics
    let security = try Security(configuration, logger)
    let storage: any Storage
    do { storage = try configuration.openStorage(logger) } catch {
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

  /// What runs beside the servers, in the order of a start.
  var services: [any ServiceLifecycle.Service] {
    let first: [(any ServiceLifecycle.Service)?] = [exporter, follower]
    return first.compactMap(\.self) + security.services + [writes, subscriptions]
      + [watch, publishing, carrying].compactMap(\.self) + sagaWatches + [QuietMemory()]
  }

  /// The services of a role, with everything that all calls go through. Admission comes first, so
  /// that the log and the metrics see what it refuses.
  func services(of role: Role) -> [RPC.Service] {
    (SidecarRole.of(role).services(self) + [statusService]).map(guarded)
  }

  /// A service with everything that all calls go through.
  func guarded(_ service: RPC.Service) -> RPC.Service {
    let admitted = security.admission.map(service.admitted) ?? service
    let logged = admitted.intercepted(by: [TraceCarrier(traces?.tracer), CallLog(logger)])
    return metrics.map { logged.observed(byEach: $0.calls.server) } ?? logged
  }

  /// What the payloads of domains must be.
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

  /// A name that no other process has.
  private static func newOwner() -> Name {
    Name(String(Environment.live.random(), radix: 16))
  }
}
