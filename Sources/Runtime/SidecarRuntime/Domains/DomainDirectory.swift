import EventModel
import EventSourcing
import SidecarConfiguration
import Sidecars
import Telemetry
import Tracing

/// The domains of a process, and what their use cases and subscriptions are made from. Each role's
/// folder has the extension that makes its own.
final class DomainDirectory: Sendable {
  let configuration: Configuration
  let storage: any Storage
  /// Where projectors' events are read.
  let events: any Histories
  /// Where everything is published to; projectors consume from the first. None is configured where
  /// this is empty.
  let brokers: [any MessageChannel]
  /// Where commands come from; nil where they come by calls alone.
  let commands: (any CommandChannel)?
  let channels: Channels
  let schemas: DomainSchemas
  /// Of aggregates that commands asked for lately, and of sagas' instances.
  let memory: (aggregates: AggregateMemory, instances: AggregateMemory)
  /// Nil where nothing is recorded.
  let tracer: Tracer?
  let subscriptions: SubscriptionService
  let observer: SubscriptionLogger
  let metrics: SubscriptionMetrics
  private let leases: LeaseWatch
  let histories: HistoryWatch
  let writes: StoreWatch
  /// Nil where snapshots are stored in their commits.
  let shelf: Shelf?
  let marks: LowWaterMarks
  let live: LiveGenerations
  let roles: Set<Role>

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

  func settings(of domain: Name) -> DomainConfiguration? {
    configuration.domains.first { $0.name == domain }
      ?? configuration.domains.first { $0.name == nil }
  }

  // MARK: What all roles use

  /// The consumer, with each delivery recorded where anything is.
  ///
  /// - Parameter system: the message broker that the events come from; nil: none.
  func recorded(
    _ consumer: any BookConsumer, from system: String? = nil
  ) -> any BookConsumer {
    tracer.map { TracedConsumer(consumer, by: $0, from: system) } ?? consumer
  }

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
}
