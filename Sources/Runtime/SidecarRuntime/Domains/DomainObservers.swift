import EventModel
import EventSourcing
import Sidecars
import Telemetry
import Tracing

/// Where the work on a process's domains is seen: spans, log, metrics and status.
struct DomainObservers: Sendable {
  /// Nil without spans.
  let tracer: Tracer?
  let log: SubscriptionLogger
  let metrics = SubscriptionMetrics()
  let leases = LeaseWatch()
  let histories: HistoryWatch
  let writes: StoreWatch

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
    let log = log.observing(subscription, store.domain)
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
