import EventModel
import EventSourcing
import Metrics
import RPC
import Synchronization
import Timing

/// The progress of this process's subscriptions.
package final class SubscriptionMetrics: Sendable {
  /// The most partitions measured, over all domains; further ones are not.
  static let metersMax = 1000
  /// Positions from a slower store are left out.
  static let patience = Duration.seconds(2)

  private typealias Measured = (meter: SubscriptionMeter, reading: SubscriptionMeter.Reading)

  private let meters = Mutex<[SubscriptionMeter]>([])
  private let isReading = Atomic(false)

  package init() {}

  /// Adds a meter; nil if there are too many.
  package func meter(_ name: Name, _ store: any EventHistory & CheckpointStore, partition: UInt32)
    -> SubscriptionMeter?
  {
    meters.withLock { meters in
      guard meters.count < Self.metersMax else { return nil }
      meters.append(SubscriptionMeter(name, store, partition: partition))
      return meters.last
    }
  }

  /// Removes the meter of an ended subscription.
  package func remove(_ name: Name, in domain: Name, partition: UInt32) {
    meters.withLock { meters in
      meters.removeAll { $0.name == name && $0.domain == domain && $0.partition == partition }
    }
  }

  /// The meter of a subscription of this process.
  package func existing(_ name: Name, in domain: Name, partition: UInt32) -> SubscriptionMeter? {
    meters.withLock { meters in
      meters.first { $0.name == name && $0.domain == domain && $0.partition == partition }
    }
  }

  func write(to exposition: inout Exposition) async {
    let measured = await measure()
    exposition.family(
      "outrider_subscription_active", .gauge, "1 where this process is the active consumer, else 0."
    ) { family in
      for (meter, reading) in measured { family.add(reading.isActive ? 1 : 0, meter) }
    }
    exposition.family(
      "outrider_subscription_circuit_open", .gauge,
      "1 where the consumer refuses most aggregates and is taken for down, else 0."
    ) { family in
      for (meter, reading) in measured { family.add(reading.circuitIsOpen ? 1 : 0, meter) }
    }
    exposition.family(
      "outrider_subscription_position", .gauge,
      "Everything in the log up to here was handled or parked."
    ) { family in
      for (meter, reading) in measured { reading.position.map { family.add($0, meter) } }
    }
    exposition.family("outrider_subscription_head", .gauge, "The log's last position.") { family in
      for (meter, reading) in measured { reading.head.map { family.add($0, meter) } }
    }
    exposition.family(
      "outrider_subscription_retries_total", .counter, "Deliveries that failed and were repeated."
    ) { family in
      for (meter, reading) in measured { family.add(reading.retries, meter) }
    }
    exposition.family(
      "outrider_subscription_parked_total", .counter,
      "Aggregates set aside since this process began: see `outrider parked`."
    ) { family in
      for (meter, reading) in measured { family.add(reading.parked, meter) }
    }
    exposition.family(
      "outrider_subscription_domains_away", .gauge,
      "Domains that take no commands now, so that those of a saga wait."
    ) { family in
      for (meter, reading) in measured { family.add(UInt64(reading.away), meter) }
    }
    exposition.family(
      "outrider_subscription_channel_failing", .gauge,
      "1 while the message channel does not take or give messages, else 0."
    ) { family in
      for (meter, reading) in measured { family.add(reading.channelIsFailing ? 1 : 0, meter) }
    }
    exposition.family(
      "outrider_subscription_channel_failures_total", .counter,
      "How often the message channel began to fail."
    ) { family in
      for (meter, reading) in measured { family.add(reading.channelFailures, meter) }
    }
    exposition.family(
      "outrider_subscription_set_aside_total", .counter,
      "Messages of the channel that could not be taken and are dead letters now."
    ) { family in
      for (meter, reading) in measured { family.add(reading.setAside, meter) }
    }
    exposition.family(
      "outrider_subscription_dead_letters", .gauge,
      "Dead letters that wait at the broker: see `outrider dead`."
    ) { family in
      for (meter, reading) in measured {
        reading.deadLetters.map { family.add(UInt64($0), meter) }
      }
    }
    exposition.family(
      "outrider_subscription_commands_taken_total", .counter,
      "Commands that came from the message channel, by what became of them."
    ) { family in
      for (meter, reading) in measured {
        for fate in CommandFate.allCases {
          reading.taken[fate].map { family.add($0, meter, result: fate) }
        }
      }
    }
  }

  /// A store that does not answer holds up no scrape, and has one read in progress at most.
  private func measure() async -> [Measured] {
    let meters = meters.withLock { $0 }
    let withoutStore = meters.map { Measured($0, $0.reading) }
    guard
      isReading.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged
    else { return withoutStore }
    let measured = await within(Self.patience) { [self] in
      defer { isReading.store(false, ordering: .relaxed) }
      var measured: [Measured] = []
      for meter in meters { measured.append((meter, await meter.readingWithPositions())) }
      return measured
    }
    return measured ?? withoutStore
  }
}

extension MetricFamily {
  fileprivate mutating func add(
    _ value: UInt64, _ meter: SubscriptionMeter, result: CommandFate? = nil
  ) {
    let (name, domain, partition) = (meter.name.text, meter.domain.text, String(meter.partition))
    if let result {
      add(
        value,
        [
          "subscription": name, "domain": domain, "partition": partition,
          "result": result.rawValue,
        ])
    } else {
      add(value, ["subscription": name, "domain": domain, "partition": partition])
    }
  }
}
