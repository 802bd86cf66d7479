import EventModel
import EventSourcing
import RPCTransport
import SidecarConfiguration
import Sidecars
import Synchronization
import Telemetry

/// Makes what serves each domain, from the configuration: the logic's channel, the use cases, the
/// subscriptions.
final class DomainDirectory: Sendable {
  private let configuration: Configuration
  private let storage: any Storage
  /// Where projectors' events are read.
  private let events: any Histories
  /// Nil where none is configured.
  private let channel: (any MessageChannel)?
  private let channels: Channels
  private let subscriptions: SubscriptionService
  private let observer: SubscriptionLogger
  private let metrics: SubscriptionMetrics?
  private let histories: HistoryWatch
  private let writes: StoreWatch
  private let marks: LowWaterMarks
  private let live: LiveGenerations

  init(
    _ configuration: Configuration, storage: any Storage, events: any Histories,
    channel: (any MessageChannel)?, channels: Channels,
    subscriptions: SubscriptionService, observer: SubscriptionLogger,
    metrics: SubscriptionMetrics? = nil, histories: HistoryWatch, writes: StoreWatch,
    marks: LowWaterMarks, live: LiveGenerations
  ) {
    self.configuration = configuration
    self.storage = storage
    self.events = events
    self.channel = channel
    self.channels = channels
    self.subscriptions = subscriptions
    self.observer = observer
    self.metrics = metrics
    self.histories = histories
    self.writes = writes
    self.marks = marks
    self.live = live
  }

  /// The names of the domains that are served; nil where every one is.
  var names: [Name]? {
    let names = configuration.domains.compactMap(\.name)
    return names.count == configuration.domains.count ? names : nil
  }

  private func settings(of domain: Name) -> DomainConfiguration? {
    configuration.domains.first { $0.name == domain }
      ?? configuration.domains.first { $0.name == nil }
  }

  // MARK: command-handler

  /// The command handlers.
  ///
  /// - Parameters:
  ///   - projecting: the projectors, where they are in the same process.
  ///   - firstAppended: hears of each handler's first commit.
  func commandHandlers(
    with projecting: ServedDomains<ProjectingDomain>?,
    firstAppended: @escaping @Sendable () -> Void
  ) -> ServedDomains<CommandHandler> {
    ServedDomains(names: names, countMax: configuration.limit.openDomains) { [self] domain in
      let store = try await storage.domain(domain)
      return CommandHandler(
        store: store, logic: logic(of: domain),
        processors: synchronousProcessors(of: domain, projecting),
        limits: configuration.commandLimits,
        observe: { [histories, writes] event in
          histories.note(event)
          writes.note(event, of: store)
        }, firstAppended: firstAppended)
    }
  }

  private func logic(of domain: Name) -> RemoteBusinessLogic {
    let endpoint = settings(of: domain)?.logic ?? DomainConfiguration().logic
    return RemoteBusinessLogic(channels.channel(to: endpoint), at: "\(endpoint)")
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

  // MARK: projector

  /// The projectors of each domain that exists; NOT_FOUND for any other.
  func projectingDomains() -> ServedDomains<ProjectingDomain> {
    ServedDomains(names: names) { [self] domain in
      let store = try await consumerStore(of: domain)
      let settings = settings(of: domain)?.projectors ?? []
      let projectors = settings.map { projector(in: store, $0) }
      return ProjectingDomain(
        projectors: projectors, parkingLot: ParkingLot(store: store, projectors: projectors))
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

  /// What a domain's projectors work with. NOT_FOUND where the domain does not exist.
  private func consumerStore(of domain: Name) async throws -> any ConsumerStore {
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
    let meter = metrics?.meter(consumer.name, store, partition: partition)
    defer { meter.map { metrics?.remove($0) } }
    let log = observer.observing(consumer.name, store.domain)
    let observe: @Sendable (SubscriptionEvent) -> Void = { event in
      meter?.count(event)
      log(event)
    }
    let subscription = Subscription(
      consumer: consumer, store: store,
      from: source(of: store, for: projector.name, feed, partition, observe),
      throttle: feed.throttle, partition: partition, owner: observer.owner,
      settings: projector.settings,
      mark: marks.mark(of: consumer.name, in: store, partition: partition), observe: observe)
    await subscription.run()
  }

  /// Nil where events are read from the log. The channel has one queue for a projector, which feeds
  /// the generation that queries read; others read the history.
  private func source(
    of store: any ConsumerStore, for projector: Name, _ feed: GenerationFeeder.Feed,
    _ partition: UInt32, _ observe: @escaping @Sendable (SubscriptionEvent) -> Void
  ) -> (any LogSource)? {
    switch configuration.source {
    case .rabbitmq, .kafka:
      guard feed.isLive, let channel else { return nil }
      return ChannelLog(
        of: channel, history: store, for: projector, partition: partition, observe: observe)
    case .log, .queryHandler: return nil
    }
  }

  // MARK: relay

  /// Starts to publish a domain's log. To be called once for each domain.
  func publish(_ domain: Name, to channel: any MessageChannel) async throws {
    let store = try await storage.domain(domain)
    let subscription = Relay.subscription(to: channel)
    let log = observer.observing(subscription, domain)
    for partition in 0..<store.partitions {
      let meter = metrics?.meter(subscription, store, partition: partition)
      let relay = Relay(to: channel, store: store, partition: partition, owner: observer.owner) {
        event in
        meter?.count(event)
        log(event)
      }
      subscriptions.start { await relay.run() }
    }
  }
}

extension Configuration {
  fileprivate var commandLimits: CommandLimits {
    var limits = CommandLimits()
    limits.commitBytesMax = limit.commitSize
    limits.historyBytesWarned = limit.historyWarning == 0 ? .max : limit.historyWarning
    limits.cacheBytesMax = limit.cacheSize
    limits.waitingPerRootMax = limit.commandsQueued
    limits.attemptsMax = command.conflictAttempts
    return limits
  }

  fileprivate func subscription(of projector: ProjectorConfiguration) -> SubscriptionSettings {
    var settings = SubscriptionSettings()
    settings.windowMax = limit.subscriptionWindow
    settings.triesMax = projector.tries
    settings.retryTime = projector.retryTime
    settings.parkedRetryInterval = projector.parkedRetryInterval
    settings.deliveryTimeout = projector.deadline
    return settings
  }
}
