import EventModel
import Metrics
import Synchronization
import Timing

/// Counts and times commits and commands sent to and received from the message channel, by
/// OpenTelemetry's messaging conventions. A destination is a domain, or the topic of commands.
package final class ChannelMetrics: Measured {
  /// The most destinations counted apart; further ones count together as "other".
  static let destinationsMax = 100

  private let system: String
  let clock: @Sendable () -> ContinuousClock.Instant
  private let meters = Mutex<[Name: DestinationMeter]>([:])

  /// - Parameter system: OpenTelemetry's name of the broker.
  package init(
    _ system: String,
    clock: @escaping @Sendable () -> ContinuousClock.Instant = Environment.live.instant
  ) {
    self.system = system
    self.clock = clock
  }

  func meter(of destination: Name) -> DestinationMeter {
    meters.withLock { meters in
      let isKnown = meters[destination] != nil || meters.count < Self.destinationsMax
      let name = isKnown ? destination : "other"
      let meter = meters[name] ?? DestinationMeter()
      meters[name] = meter
      return meter
    }
  }

  package func write(to exposition: inout Exposition) {
    let meters = meters.withLock { $0.sorted { $0.key < $1.key } }
    exposition.family(
      "messaging_client_sent_messages_total", .counter,
      "Messages handed to the message channel, including resent ones."
    ) { family in
      for (name, meter) in meters { family.add(meter.sentCount, labels(of: name, "send")) }
    }
    exposition.family(
      "messaging_client_consumed_messages_total", .counter,
      "Messages that the message channel delivered, including redelivered ones."
    ) { family in
      for (name, meter) in meters {
        family.add(meter.consumedCount, labels(of: name, "receive"))
      }
    }
    exposition.family(
      "messaging_client_operation_duration_seconds", .histogram,
      "From handing a message to the message channel until the broker confirmed it."
    ) { family in
      for (name, meter) in meters {
        meter.sending.reading.map { family.add($0, labels(of: name, "send")) }
      }
    }
    exposition.family(
      "messaging_process_duration_seconds", .histogram,
      "From the delivery of a message until it was handled and acknowledged."
    ) { family in
      for (name, meter) in meters {
        meter.processing.reading.map { family.add($0, labels(of: name, "process")) }
      }
    }
  }

  private func labels(of destination: Name, _ operation: String) -> MetricFamily.Labels {
    [
      "messaging_system": system, "messaging_destination_name": destination.text,
      "messaging_operation_name": operation,
    ]
  }
}

/// Measures the messages of one destination.
final class DestinationMeter: Sendable {
  private let sent = Atomic<UInt64>(0)
  private let consumed = Atomic<UInt64>(0)
  let sending = LatencyHistogram()
  let processing = LatencyHistogram()

  func countSent(_ count: Int) { sent.wrappingAdd(UInt64(count), ordering: .relaxed) }
  func countConsumed(_ count: Int) { consumed.wrappingAdd(UInt64(count), ordering: .relaxed) }

  var sentCount: UInt64 { sent.load(ordering: .relaxed) }
  var consumedCount: UInt64 { consumed.load(ordering: .relaxed) }
}
