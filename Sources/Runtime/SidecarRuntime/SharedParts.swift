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

/// What the roles of one process share, opened as the configuration says.
final class SharedParts: Sendable {
  let configuration: Configuration
  let roles: LocalRoles
  /// The executable's version.
  let version: String
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
  let calls: CallMetrics?
  /// Counts Eventuate's clients.
  let eventuate = EventuateActivity()
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
  let subscriptions: SubscriptionService
  private let channelMetrics: ChannelMetrics?
  private let historyMetrics = HistoryMetrics()
  /// Nil without spans.
  private let traces: Traces?
  private let exporter: TraceExporter?
  /// Nil if the configuration cannot change.
  private let follower: ConfigurationFollower?

  /// Opens the store, but contacts no server yet. Throws `SidecarError` if a file or the store
  /// cannot be used.
  init(
    _ configuration: Configuration, roles: LocalRoles, version: String, logger: Logger,
    changes: ConfigurationChanges?
  ) throws {
    let needs = roles.needs
    var configuration = configuration
    if !needs.contains(.store) { configuration.store = .memory }
    self.configuration = configuration
    (self.roles, self.version, self.logger) = (roles, version, logger)
    security = try Security(configuration, logger)
    do throws(StorageError) {
      storage = try configuration.openStorage(version: version, logger)
    } catch {
      throw SidecarError("cannot open the store \(configuration.store)", error)
    }
    schemas = try DomainSchemas(
      of: needs.contains(.schemas) ? configuration.domains : [], in: storage, logger)
    let opened = try configuration.openChannels(logger)
    let openedCommands =
      needs.contains(.commandChannel) ? try configuration.openCommandChannel(logger) : nil
    descriptors = try configuration.readDescriptors(and: schemas.descriptorSets)
    payloadTypes = PayloadTypes(
      needs.contains(.payloadTypes) || openedCommands != nil
        ? try configuration.readPayloadSchema() : .wellKnown)
    writes = StoreWatch(logger)
    calls = configuration.metrics.listen.map { _ in CallMetrics() }
    let traces = configuration.traces.endpoint.map { _ in Traces(configuration.traces) }
    self.traces = traces
    let channelMetrics = configuration.channelMetrics
    self.channelMetrics = channelMetrics
    brokers = opened.map { configuration.observing($0, channelMetrics, traces?.tracer) }
    commands = openedCommands.map { configuration.observing($0, channelMetrics) }
    loops = try EventLoops.starting(threads: configuration.threadCount)
    subscriptions = SubscriptionService(on: loops)
    channels = Channels(
      on: loops, limits: configuration.channelLimits, sidecarTLS: security.client,
      webTLS: try configuration.webTLS(), token: security.peerToken, metrics: calls,
      tracer: traces?.tracer)
    exporter = try traces?.exporter(
      of: configuration, roles.names, version, over: channels, logger)
    let policy = security.policy
    follower = try changes.map { changes in
      try ConfigurationFollower(changes, policy: policy, tracer: traces?.tracer, logger: logger)
    }
    let owner = Self.newOwner()
    let observers = DomainObservers(
      tracer: traces?.tracer, log: SubscriptionLogger(owner: owner, logger: logger),
      histories: HistoryWatch(logger: logger, metrics: historyMetrics), writes: writes)
    directory = DomainDirectory(
      configuration: configuration, storage: storage,
      events: configuration.source == .log
        ? storage : RemoteHistories(channels.channel(toSidecar: configuration.queryHandler)),
      brokers: brokers, commands: commands, channels: channels, schemas: schemas,
      memory: configuration.memory(withInstances: needs.contains(.instances)),
      subscriptions: subscriptions, owner: owner, observers: observers, marks: marks, live: live,
      roles: roles)
    status = StatusBoard(
      process: owner, version: version, configuration, storage: storage,
      brokers: brokers.map(\.name), writes: writes, histories: observers.histories,
      logic: roles.logic(in: configuration).map { [channels] in
        LogicLook(at: $0, channels.channel(to: $0.address))
      },
      followers: FollowerLook(
        directory: directory, meters: observers.metrics, leases: observers.leases,
        domainsMax: min(64, configuration.limit.openDomains), environment: .live))
    payloads = PayloadDescriptors(
      given: descriptors,
      logic: configuration.logicEndpoints.map { [channels] in channels.channel(to: $0) },
      admission: security.admission)
    capacity = ServerCapacity(configuration.serverLimits)
  }

  /// Services beside the servers, in starting order.
  var services: [any ServiceLifecycle.Service] {
    let first: [(any ServiceLifecycle.Service)?] = [exporter, follower]
    return first.compactMap(\.self) + security.services + [writes, subscriptions]
  }

  /// The metrics of this process; nil without metrics.
  ///
  /// - Parameter ofRoles: what its roles add.
  func metricsPage(with ofRoles: [any Measured]) -> MetricsPage? {
    calls.map { calls in
      let own: [(any Measured)?] = [
        writes, StatusMetrics(limits: configuration.status) { [status] in await status.status() },
        channelMetrics, traces?.queue, follower,
        configuration.eventuate.enabled ? eventuate : nil,
      ]
      return MetricsPage(
        version: version, calls: calls, subscriptions: directory.observers.metrics,
        histories: historyMetrics, others: own.compactMap(\.self) + ofRoles)
    }
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
