import EventModel
import EventSourcing
import Metrics
import Synchronization

/// How many commits went to the message channel and came from it, in the words of OpenTelemetry's
/// conventions for messaging.
package final class ChannelMetrics: Measured {
  /// Domains that are told apart; those beyond count as one, "other".
  static let domainsMax = 100

  private struct Counts {
    var sent: UInt64 = 0
    var consumed: UInt64 = 0
  }

  private let system: String
  private let counts = Mutex<[Name: Counts]>([:])

  /// - Parameter system: what OpenTelemetry calls the broker.
  package init(_ system: String) { self.system = system }

  fileprivate func count(sent: Int = 0, consumed: Int = 0, in domain: Name) {
    counts.withLock { counts in
      let isKnown = counts[domain] != nil || counts.count < Self.domainsMax
      counts[isKnown ? domain : "other", default: Counts()].sent += UInt64(sent)
      counts[isKnown ? domain : "other", default: Counts()].consumed += UInt64(consumed)
    }
  }

  package func write(to exposition: inout Exposition) {
    let counts = counts.withLock { $0.sorted { $0.key < $1.key } }
    exposition.family(
      "messaging_client_sent_messages_total", .counter,
      "Commits handed to the message channel, those among them that were sent again."
    ) { family in
      for (domain, counts) in counts { family.add(counts.sent, labels(of: domain, "send")) }
    }
    exposition.family(
      "messaging_client_consumed_messages_total", .counter,
      "Messages that the message channel delivered, those among them that came again."
    ) { family in
      for (domain, counts) in counts { family.add(counts.consumed, labels(of: domain, "receive")) }
    }
  }

  private func labels(of domain: Name, _ operation: String) -> MetricFamily.Labels {
    [
      "messaging_system": system, "messaging_destination_name": domain.text,
      "messaging_operation_name": operation,
    ]
  }
}

/// A message channel whose messages are counted.
package struct MeteredChannel: MessageChannel {
  private let channel: any MessageChannel
  private let metrics: ChannelMetrics

  package init(_ channel: any MessageChannel, _ metrics: ChannelMetrics) {
    self.channel = channel
    self.metrics = metrics
  }

  package var name: Name { channel.name }
  package var disorder: Duration { channel.disorder }

  package func publisher(
    of domain: Name, partition: UInt32, window: Int,
    blocked: @escaping @Sendable (String?) -> Void
  ) async throws(ChannelError) -> any ChannelPublisher {
    MeteredPublisher(
      publisher: try await channel.publisher(
        of: domain, partition: partition, window: window, blocked: blocked),
      domain: domain, metrics: metrics)
  }

  package func consumer(
    of domain: Name, partition: UInt32, for subscription: Name, window: Int
  ) async throws(ChannelError) -> any ChannelConsumer {
    MeteredConsumer(
      consumer: try await channel.consumer(
        of: domain, partition: partition, for: subscription, window: window),
      domain: domain, metrics: metrics)
  }

  package func deadLetters(
    of domain: Name, partition: UInt32, for subscription: Name
  ) throws(ChannelError) -> any DeadLetters {
    try channel.deadLetters(of: domain, partition: partition, for: subscription)
  }

  package func close() async { await channel.close() }
}

private struct MeteredPublisher: ChannelPublisher {
  let publisher: any ChannelPublisher
  let domain: Name
  let metrics: ChannelMetrics

  func publish(_ commits: [RecordedCommit]) async throws(ChannelError) {
    metrics.count(sent: commits.count, in: domain)
    try await publisher.publish(commits)
  }

  func confirmation(after number: UInt64) async throws(ChannelError) -> UInt64 {
    try await publisher.confirmation(after: number)
  }

  func close() async { await publisher.close() }
}

private struct MeteredConsumer: ChannelConsumer {
  let consumer: any ChannelConsumer
  let domain: Name
  let metrics: ChannelMetrics

  func deliveries() async throws(ChannelError) -> [ChannelDelivery] {
    let deliveries = try await consumer.deliveries()
    metrics.count(consumed: deliveries.count, in: domain)
    return deliveries
  }

  func acknowledge(_ tags: [UInt64]) { consumer.acknowledge(tags) }

  func setAside(_ delivery: ChannelDelivery, as stamp: LetterStamp) async throws(ChannelError) {
    try await consumer.setAside(delivery, as: stamp)
  }

  func close() async { await consumer.close() }
}
