import EventModel
import EventSourcing
import RPCTransport
import SidecarConfiguration
import Sidecars
import Synchronization
import Telemetry
import Timing
import Tracing
import Wire

/// Makes what serves each domain, from the configuration: the logic's channel, the use cases, the
/// subscriptions.
final class DomainDirectory: Sendable {
  let configuration: Configuration
  let storage: any Storage
  /// Where projectors' events are read.
  private let events: any Histories
  /// Where everything is published to; projectors consume from the first. None is configured where
  /// this is empty.
  private let brokers: [any MessageChannel]
  /// Where commands come from; nil where they come by calls alone.
  private let commands: (any CommandChannel)?
  let channels: Channels
  private let schemas: DomainSchemas
  /// Of aggregates that commands asked for lately, and of sagas' instances.
  let memory: (aggregates: AggregateMemory, instances: AggregateMemory)
  /// Nil where nothing is recorded.
  let tracer: Tracer?
  let subscriptions: SubscriptionService
  let observer: SubscriptionLogger
  let metrics: SubscriptionMetrics
  private let leases: LeaseWatch
  private let histories: HistoryWatch
  private let writes: StoreWatch
  /// Nil where snapshots are stored in their commits.
  private let shelf: Shelf?
  let marks: LowWaterMarks
  private let live: LiveGenerations
  private let roles: Set<Role>

  init(
    _ configuration: Configuration, roles: Set<Role>, storage: any Storage, events: any Histories,
    brokers: [any MessageChannel], commands: (any CommandChannel)?, channels: Channels,
    schemas: DomainSchemas, tracer: Tracer?,
    subscriptions: SubscriptionService, observer: SubscriptionLogger,
    metrics: SubscriptionMetrics, leases: LeaseWatch, histories: HistoryWatch,
    writes: StoreWatch, shelf: Shelf?, marks: LowWaterMarks, live: LiveGenerations
  ) {
    self.configuration = configuration
    self.roles = roles
    self.storage = storage
    self.events = events
    self.brokers = brokers
    self.commands = commands
    self.channels = channels
    self.schemas = schemas
    memory = configuration.memory(of: roles)
    self.tracer = tracer
    self.subscriptions = subscriptions
    self.observer = observer
    self.metrics = metrics
    self.leases = leases
    self.histories = histories
    self.writes = writes
    self.shelf = shelf
    self.marks = marks
    self.live = live
  }

  /// The names of the domains that are served; nil where every one is.
  var names: [Name]? {
    let names = configuration.domains.compactMap(\.name)
    return names.count == configuration.domains.count ? names : nil
  }

  /// The names of the domains that may be read: those that are served, and the sagas' own. Nil
  /// where every one may be.
  var readableNames: [Name]? { names.map { $0 + configuration.ownSagaDomains } }

  /// Whether a domain is served. Outrider's own are not, unless they are named.
  func serves(_ domain: Name) -> Bool { names?.contains(domain) ?? !domain.isInternal }

  private func settings(of domain: Name) -> DomainConfiguration? {
    configuration.domains.first { $0.name == domain }
      ?? configuration.domains.first { $0.name == nil }
  }

  // MARK: command-handler

  /// The command handlers.
  ///
  /// - Parameters:
  ///   - projecting: the projectors, where they are in the same process.
  ///   - sagas: the sagas, where they are in the same process.
  ///   - firstAppended: hears of each handler's first commit.
  func commandHandlers(
    with projecting: ServedDomains<ProjectingDomain>?, _ sagas: ServedDomains<SagaDomain>?,
    firstAppended: @escaping @Sendable () -> Void
  ) -> ServedDomains<CommandHandler> {
    ServedDomains(names: names, countMax: configuration.limit.openDomains) { [self] domain in
      let store = try await storage.domain(domain)
      let (logic, states) = logic(of: domain)
      return CommandHandler(
        store: shelf?.holding(snapshotsOf: store, configuration) ?? store, logic: logic,
        states: states, payloads: try await schemas.rule(of: domain),
        processors: synchronousProcessors(of: domain, projecting)
          + SagaDirectory.synchronous(in: configuration, of: domain, here: sagas, channels),
        limits: configuration.commandLimits, memory: memory.aggregates,
        observe: { [histories, writes] event in
          histories.note(event)
          writes.note(event, of: store)
        }, firstAppended: firstAppended)
    }
  }

  /// The logic, and what keeps the aggregates' states where it is functions.
  private func logic(of domain: Name) -> (any BusinessLogic, StateFold?) {
    let settings = settings(of: domain) ?? DomainConfiguration()
    let (channel, address) = (channels.channel(to: settings.logic), "\(settings.logic)")
    switch settings.logicStyle {
    case .classic: return (RemoteBusinessLogic(channel, at: address), nil)
    case .functions:
      let functions =
        settings.logic.web == nil
        ? RemoteFunctions(channel, at: address) : RemoteFunctions(overHTTP: channel, at: address)
      return (functions, StateFold(by: functions, settings: configuration.states(of: settings)))
    }
  }

  private func synchronousProcessors(
    of domain: Name, _ projecting: ServedDomains<ProjectingDomain>?
  ) -> [any SynchronousProcessor] {
    let synchronous = settings(of: domain)?.projectors.filter(\.synchronous) ?? []
    return synchronous.map { projector -> any SynchronousProcessor in
      if let projecting { return LocalProjector(name: projector.name, in: projecting) }
      return RemoteProjector(
        name: projector.name, channels.channel(toSidecar: projector.coordinator))
    }
  }

  // MARK: dispatched commands

  /// Who takes commands that are carried out by and by.
  ///
  /// - Parameter firstStored: hears of the first command for each domain.
  func commandDispatchers(
    firstStored: @escaping @Sendable () -> Void
  ) -> ServedDomains<CommandDispatcher> {
    ServedDomains(names: names, countMax: configuration.limit.openDomains) { [self] domain in
      CommandDispatcher(
        journal(of: domain, in: try await storage.domain(.commands(of: domain))),
        events: try await storage.domain(domain), limits: configuration.commandLimits,
        payloads: try await schemas.rule(of: domain), firstStored: firstStored)
    }
  }

  /// Takes a domain's commands from a channel, until the task is cancelled.
  ///
  /// - Parameter read: finds the command in each message.
  func takeCommands(
    for domain: Name, from channel: any CommandChannel,
    with dispatchers: ServedDomains<CommandDispatcher>, read: @escaping CommandIntake.Reader
  ) async {
    guard let store = await opened(.commands(of: domain)) else { return }
    let intake = CommandIntake(
      of: domain, from: channel, dispatcher: { try await dispatchers.serving(domain) },
      observe: observing(CommandIntake.subscription(to: channel), store, 0), read: read)
    await intake.run()
  }

  /// A domain's store, as soon as it can be opened; nil where the task is cancelled before.
  private func opened(_ domain: Name) async -> (any DomainStore)? {
    var backoff = Backoff(from: .milliseconds(50), upTo: .seconds(1))
    while !Task.isCancelled {
      do throws(StorageError) { return try await storage.domain(domain) } catch {
        try? await Environment.live.sleep(backoff.next(random: Environment.live.random()))
      }
    }
    return nil
  }

  private func journal(of domain: Name, in store: any DomainStore) -> CommandJournal {
    CommandJournal(of: domain, store: store, codec: DispatchMessages())
  }

  /// Starts to carry out the commands of an internal domain. To be called once for each.
  func carryOut(_ commands: Name, with handlers: ServedDomains<CommandHandler>) async throws {
    guard let domain = commands.domainOfCommands else { return }
    let (store, events) = (try await storage.domain(commands), try await storage.domain(domain))
    for partition in 0..<store.partitions {
      let carrier = CommandCarrier(
        journal(of: domain, in: store), partition: partition, events: events
      ) { try await handlers.serving(domain) }
      let subscription = Subscription(
        consumer: recorded(carrier), store: store, partition: partition, owner: observer.owner,
        settings: configuration.carriers, companion: { try await carrier.companion() },
        observe: observing(carrier.name, store, partition))
      subscriptions.start { await subscription.run() }
    }
  }

  // MARK: projector

  /// The projectors of each domain that exists; NOT_FOUND for any other.
  func projectingDomains() -> ServedDomains<ProjectingDomain> {
    ServedDomains(names: names) { [self] domain in
      let store = try await consumerStore(of: domain)
      let settings = settings(of: domain)?.projectors ?? []
      let projectors = settings.map { projector(in: store, $0) }
      return ProjectingDomain(
        projectors: projectors,
        parkingLot: ParkingLot(store: store, projectors: projectors),
        deadLetters: sourceChannel.map { channel in
          DeadLetterOffice(
            of: domain, on: channel, partitions: store.partitions,
            subscriptions: projectors.map(\.name))
        })
    }
  }

  private func projector(
    in store: any ConsumerStore, _ settings: ProjectorConfiguration
  ) -> DomainProjector {
    DomainProjector(
      name: settings.name, store: store, settings: configuration.subscription(of: settings),
      live: live
    ) { [channels, live, domain = store.domain] generation in
      Projector(
        name: settings.name, generation: generation, store: store,
        logic: RemoteProjectorLogic(
          name: settings.name, generation: generation,
          isLive: { live.isLive(generation, of: settings.name, in: domain) },
          channels.channel(to: settings.logic), at: "\(settings.logic)"))
    }
  }

  /// Nil where projectors take events from no channel.
  var sourceChannel: (any MessageChannel)? {
    configuration.source.isChannel ? brokers.first : nil
  }

  /// What a domain's projectors work with. NOT_FOUND where the domain does not exist.
  func consumerStore(of domain: Name) async throws -> any ConsumerStore {
    if configuration.source == .log {
      guard try await storage.exists(domain) else { throw Self.notFound(domain) }
      return try await storage.domain(domain)
    }
    guard try await events.domains().contains(domain) else { throw Self.notFound(domain) }
    return SplitStore(
      history: try await events.history(of: domain),
      progress: try await storage.domain(domain))
  }

  private static func notFound(_ domain: Name) -> EventSourcingError {
    EventSourcingError(.notFound, "domain \(domain) has no events yet")
  }

  /// Starts the subscriptions of a domain's projectors. To be called once for each domain.
  func follow(_ domain: Name, with projecting: ServedDomains<ProjectingDomain>) async throws {
    for projector in try await projecting.serving(domain).projectors {
      let feeder = GenerationFeeder(
        of: projector.name, store: projector.store, live: live, owner: observer.owner,
        observe: observer.observing(projector.name, domain)
      ) { [self] feed in
        await withDiscardingTaskGroup { group in
          for partition in 0..<projector.store.partitions {
            group.addTask { await self.follow(projector, feed, partition) }
          }
        }
      }
      subscriptions.start { await feeder.run() }
    }
  }

  /// Feeds one generation of a projector's projections from one partition, until the task is
  /// cancelled.
  private func follow(
    _ projector: DomainProjector, _ feed: GenerationFeeder.Feed, _ partition: UInt32
  ) async {
    let store = projector.store
    let consumer = projector.projector(of: feed.generation)
    let observe = observing(consumer.name, store, partition)
    defer { metrics.remove(consumer.name, in: store.domain, partition: partition) }
    let subscription = Subscription(
      consumer: recorded(consumer, from: configuration.source.messagingSystem), store: store,
      from: feed.isLive ? source(of: store, for: projector.name, partition, observe) : nil,
      throttle: feed.throttle, partition: partition, owner: observer.owner,
      settings: projector.settings,
      mark: marks.mark(of: consumer.name, in: store, partition: partition), observe: observe)
    await subscription.run()
  }

  /// The consumer, with each delivery recorded where anything is.
  ///
  /// - Parameter system: the message broker that the events come from; nil: none.
  func recorded(
    _ consumer: any BookConsumer, from system: String? = nil
  ) -> any BookConsumer {
    tracer.map { TracedConsumer(consumer, by: $0, from: system) } ?? consumer
  }

  /// Nil where events are read from the log. The channel has one queue for a projector, which feeds
  /// the generation that queries read; others read the history.
  func source(
    of store: any ConsumerStore, for consumer: Name, _ partition: UInt32,
    _ observe: @escaping @Sendable (SubscriptionEvent) -> Void
  ) -> (any LogSource)? {
    sourceChannel.map { channel in
      ChannelLog(
        of: channel, history: store, for: consumer, partition: partition, observe: observe)
    }
  }

  // MARK: relay

  /// Starts to publish a domain's log, to each place by a relay of its own. To be called once for
  /// each domain.
  func publish(_ domain: Name) async throws {
    let store = try await storage.domain(domain)
    for channel in brokers {
      let subscription = Relay.subscription(to: channel)
      for partition in 0..<store.partitions {
        let relay = Relay(
          to: channel, store: store, partition: partition, owner: observer.owner,
          observe: observing(subscription, store, partition))
        subscriptions.start { await relay.run() }
      }
    }
  }

  // MARK: what operators learn

  /// Tells the log, the metrics and the status what a subscription does.
  func observing(
    _ subscription: Name, _ store: any EventHistory & CheckpointStore, _ partition: UInt32
  ) -> @Sendable (SubscriptionEvent) -> Void {
    let log = observer.observing(subscription, store.domain)
    let meter = metrics.meter(subscription, store, partition: partition)
    return { [leases, domain = store.domain] event in
      if case .started(_, let lease) = event {
        leases.note(lease.token, of: lease.name, in: domain)
      }
      meter?.count(event)
      log(event)
    }
  }

  /// The domains that exist, of those that are served.
  func existing() async throws -> [Name] {
    try await (ownsHistory ? storage.domains() : events.domains()).filter { domain in
      serves(domain) || configuration.ownSagaDomains.contains(domain)
    }
  }

  /// What follows a domain's log, as far as this process can know: projectors and relays by the
  /// settings, durable subscriptions by the store.
  func followers(of domain: Name) async throws -> [Follower] {
    guard ownsHistory else { return try await projections(in: try await consumerStore(of: domain)) }
    let store = try await storage.domain(domain)
    // Projectors with a store of their own keep their progress there.
    let isHere = configuration.source == .log || roles.contains(.projector)
    var followers = isHere ? try await projections(in: store) : []
    followers += brokers.flatMap { channel in
      (0..<store.partitions).map {
        Follower(.relay, Relay.subscription(to: channel), partition: $0, in: store)
      }
    }
    followers += configuration.sagaFollowers(of: domain).flatMap { saga in
      (0..<store.partitions).map { partition in
        let hasTimers = partition == 0 && domain == .saga(saga.name)
        return Follower(
          .saga, saga.name, partition: partition, in: store,
          agenda: hasTimers ? SagaDispatcher.timers : nil)
      }
    }
    followers += try await carriers(of: domain) + (try await intakes(of: domain))
    let listed = try await SubscriptionRegistry(store).list(after: nil, limit: 100).subscriptions
    for subscription in listed {
      followers += (0..<store.partitions).map {
        Follower(subscription, partition: $0, in: store)
      }
    }
    return followers
  }

  /// What carries out the commands that were dispatched to a domain.
  private func carriers(of domain: Name) async throws -> [Follower] {
    guard try await storage.exists(.commands(of: domain)) else { return [] }
    let store = try await storage.domain(.commands(of: domain))
    return (0..<store.partitions).map {
      Follower(
        .carrier, CommandCarrier.subscription, partition: $0, in: store,
        agenda: .dueCommands(ofPartition: $0))
    }
  }

  /// What takes commands for a domain from the channel.
  private func intakes(of domain: Name) async throws -> [Follower] {
    guard let commands, roles.contains(.commandHandler), names?.contains(domain) == true else {
      return []
    }
    let store = try await storage.domain(.commands(of: domain))
    return [Follower(intake: CommandIntake.subscription(to: commands), in: store)]
  }

  /// What feeds the generations of each projector's projections.
  private func projections(in store: any ConsumerStore) async throws -> [Follower] {
    var followers: [Follower] = []
    for projector in settings(of: store.domain)?.projectors ?? [] {
      let generations = try await GenerationRegistry(store).find(projector.name).fed
      for name in generations.map({ $0.subscription(of: projector.name) }) {
        followers += (0..<store.partitions).map {
          Follower(.projector, name, partition: $0, in: store)
        }
      }
    }
    return followers
  }

  /// Whether this process's store holds the events, rather than a projector's progress alone.
  private var ownsHistory: Bool { configuration.source == .log || roles != [.projector] }
}
