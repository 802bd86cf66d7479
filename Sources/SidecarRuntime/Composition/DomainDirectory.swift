import EventSourcing
import RPCTransport
import Sidecars
import Synchronization

/// Makes what serves each domain, from the configuration: the logic's channel, the use cases, the
/// subscriptions.
final class DomainDirectory: Sendable {
  private let configuration: Configuration
  private let roles: Set<Role>
  private let storage: any Storage
  private let channels: Channels
  private let subscriptions: SubscriptionService
  private let observer: SubscriptionLog
  private let metrics: SubscriptionMetrics?
  private let histories: HistoryWatch
  private let marks: LowWaterMarks

  init(
    _ configuration: Configuration, roles: Set<Role>, storage: any Storage, channels: Channels,
    subscriptions: SubscriptionService, observer: SubscriptionLog,
    metrics: SubscriptionMetrics? = nil, histories: HistoryWatch,
    marks: LowWaterMarks
  ) {
    self.configuration = configuration
    self.roles = roles
    self.storage = storage
    self.channels = channels
    self.subscriptions = subscriptions
    self.observer = observer
    self.metrics = metrics
    self.histories = histories
    self.marks = marks
  }

  /// The names of the domains that are served; nil where every one is.
  var names: [String]? {
    let names = configuration.domains.compactMap(\.name)
    return names.count == configuration.domains.count ? names : nil
  }

  private func settings(of domain: String) -> DomainConfiguration? {
    configuration.domains.first { $0.name == domain }
      ?? configuration.domains.first { $0.name == nil }
  }

  // MARK: command-handler

  /// The command handlers. In one process with the projectors, a domain's first command starts its
  /// subscriptions too.
  func commandHandlers(
    with projecting: ServedDomains<ProjectingDomain>?
  ) -> ServedDomains<CommandHandler> {
    ServedDomains(names: names) { [self] domain in
      let store = try await storage.domain(domain)
      return CommandHandler(
        store: store, logic: logic(of: domain),
        processors: try await synchronousProcessors(of: domain, projecting),
        limits: configuration.commandLimits, observe: histories.note)
    }
  }

  private func logic(of domain: String) -> RemoteBusinessLogic {
    let endpoint = settings(of: domain)?.logic ?? DomainConfiguration().logic
    return RemoteBusinessLogic(channels.channel(to: endpoint), at: "\(endpoint)")
  }

  private func synchronousProcessors(
    of domain: String, _ projecting: ServedDomains<ProjectingDomain>?
  ) async throws -> [any SynchronousProcessor] {
    if let projecting {
      let isSynchronous = Set(
        settings(of: domain)?.projectors.filter(\.synchronous).map(\.name) ?? [])
      return try await projecting.serving(domain).projectors
        .filter { isSynchronous.contains($0.name) }
    }
    return settings(of: domain)?.projectors.filter(\.synchronous).map {
      RemoteProjector(name: $0.name, channels.channel(toSidecar: $0.coordinator))
    } ?? []
  }

  // MARK: projector

  /// The projectors of each domain; their subscriptions start with them.
  func projectingDomains() -> ServedDomains<ProjectingDomain> {
    ServedDomains(names: names) { [self] domain in
      let store = try await storage.domain(domain)
      let settings = settings(of: domain)?.projectors ?? []
      let projectors = settings.map { projector in
        Projector(
          name: projector.name, store: store,
          logic: RemoteProjectorLogic(
            name: projector.name, channels.channel(to: projector.logic), at: "\(projector.logic)"))
      }
      for (projector, settings) in zip(projectors, settings) {
        let log = observer.observing(projector.name, domain)
        for partition in 0..<store.partitions {
          let meter = metrics?.meter(projector.name, store, partition: partition)
          subscriptions.start(
            Subscription(
              consumer: projector, store: store, partition: partition, owner: observer.owner,
              settings: configuration.subscription(of: settings),
              mark: marks.mark(of: projector.name, in: store, partition: partition),
              observe: { event in
                meter?.count(event)
                log(event)
              }))
        }
      }
      return ProjectingDomain(
        projectors: projectors, parkingLot: ParkingLot(store: store, consumers: projectors))
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
    settings.deliveryTimeout = projector.deadline
    return settings
  }
}
