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
  /// The source of projectors' events.
  let events: any Histories
  /// Channels to publish to; projectors consume from the first. Empty if none is configured.
  let brokers: [any MessageChannel]
  /// The channel of commands; nil if commands arrive by calls alone.
  let commands: (any CommandChannel)?
  let channels: Channels
  let schemas: DomainSchemas
  /// Caches of aggregates for commands, and of sagas' instances.
  let memory: (aggregates: AggregateMemory, instances: AggregateMemory)
  /// Nil without spans.
  let tracer: Tracer?
  let subscriptions: SubscriptionService
  let observer: SubscriptionLogger
  let metrics: SubscriptionMetrics
  private let leases: LeaseWatch
  let histories: HistoryWatch
  let writes: StoreWatch
  let marks: LowWaterMarks
  let live: LiveGenerations
  let roles: LocalRoles

  init(
    _ configuration: Configuration, roles: LocalRoles, storage: any Storage, events: any Histories,
    brokers: [any MessageChannel], commands: (any CommandChannel)?, channels: Channels,
    schemas: DomainSchemas, memory: (aggregates: AggregateMemory, instances: AggregateMemory),
    tracer: Tracer?, subscriptions: SubscriptionService, observer: SubscriptionLogger,
    metrics: SubscriptionMetrics, leases: LeaseWatch, histories: HistoryWatch,
    writes: StoreWatch, marks: LowWaterMarks, live: LiveGenerations
  ) {
    self.configuration = configuration
    self.roles = roles
    self.storage = storage
    self.events = events
    self.brokers = brokers
    self.commands = commands
    self.channels = channels
    self.schemas = schemas
    self.memory = memory
    self.tracer = tracer
    self.subscriptions = subscriptions
    self.observer = observer
    self.metrics = metrics
    self.leases = leases
    self.histories = histories
    self.writes = writes
    self.marks = marks
    self.live = live
  }

  /// Names of the served domains; nil: all.
  var names: [Name]? {
    let names = configuration.domains.compactMap(\.name)
    return names.count == configuration.domains.count ? names : nil
  }

  /// Names of the readable domains: the served ones and the sagas' own; nil: all.
  var readableNames: [Name]? { names.map { $0 + configuration.ownSagaDomains } }

  /// True if a domain is served. Internal domains must be named.
  func serves(_ domain: Name) -> Bool { names?.contains(domain) ?? !domain.isInternal }

  func settings(of domain: Name) -> DomainConfiguration? {
    configuration.domains.first { $0.name == domain }
      ?? configuration.domains.first { $0.name == nil }
  }

  // MARK: What all roles use

  /// The consumer, traced if spans are recorded.
  ///
  /// - Parameter system: the message broker that delivers the events; nil: none.
  func recorded(
    _ consumer: any BookConsumer, from system: String? = nil
  ) -> any BookConsumer {
    tracer.map { TracedConsumer(consumer, by: $0, from: system) } ?? consumer
  }

  /// Reports a subscription's events to the log, the metrics and the status.
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
