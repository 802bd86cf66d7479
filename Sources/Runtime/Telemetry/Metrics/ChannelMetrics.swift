import EventModel
import EventSourcing
import Metrics
import Synchronization

/// Counts commits and commands sent to and received from the message channel, by OpenTelemetry's
/// messaging conventions. A destination is a domain, or the topic of commands.
package final class ChannelMetrics: Measured {
  /// The most destinations counted apart; further ones count together as "other".
  static let destinationsMax = 100

  private struct Counts {
    var sent: UInt64 = 0
    var consumed: UInt64 = 0
  }

  private let system: String
  private let counts = Mutex<[Name: Counts]>([:])

  /// - Parameter system: OpenTelemetry's name of the broker.
  package init(_ system: String) { self.system = system }

  fileprivate func count(sent: Int = 0, consumed: Int = 0, at destination: Name) {
    counts.withLock { counts in
      let isKnown = counts[destination] != nil || counts.count < Self.destinationsMax
      counts[isKnown ? destination : "other", default: Counts()].sent += UInt64(sent)
      counts[isKnown ? destination : "other", default: Counts()].consumed += UInt64(consumed)
    }
  }

  package func write(to exposition: inout Exposition) {
    let counts = counts.withLock { $0.sorted { $0.key < $1.key } }
    exposition.family(
      "messaging_client_sent_messages_total", .counter,
      "Messages handed to the message channel, including resent ones."
    ) { family in
      for (name, counts) in counts { family.add(counts.sent, labels(of: name, "send")) }
    }
    exposition.family(
      "messaging_client_consumed_messages_total", .counter,
      "Messages that the message channel delivered, including redelivered ones."
    ) { family in
      for (name, counts) in counts { family.add(counts.consumed, labels(of: name, "receive")) }
    }
  }

  private func labels(of destination: Name, _ operation: String) -> MetricFamily.Labels {
    [
      "messaging_system": system, "messaging_destination_name": destination.text,
      "messaging_operation_name": operation,
    ]
  }
}

/// Counts the messages of a channel.
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
  ) async throws(ChannelError) -> any ChannelConsumer<RecordedCommit> {
    MeteredConsumer(
      consumer: try await channel.consumer(
        of: domain, partition: partition, for: subscription, window: window),
      destination: domain, metrics: metrics)
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
    metrics.count(sent: commits.count, at: domain)
    try await publisher.publish(commits)
  }

  func confirmation(after number: UInt64) async throws(ChannelError) -> UInt64 {
    try await publisher.confirmation(after: number)
  }

  func close() async { await publisher.close() }
}

private struct MeteredConsumer<Message: Sendable>: ChannelConsumer {
  let consumer: any ChannelConsumer<Message>
  let destination: Name
  let metrics: ChannelMetrics

  func deliveries() async throws(ChannelError) -> [ChannelDelivery<Message>] {
    let deliveries = try await consumer.deliveries()
    metrics.count(consumed: deliveries.count, at: destination)
    return deliveries
  }

  func acknowledge(_ tags: [UInt64]) { consumer.acknowledge(tags) }

  func setAside(
    _ delivery: ChannelDelivery<Message>, as stamp: LetterStamp
  ) async throws(ChannelError) {
    try await consumer.setAside(delivery, as: stamp)
  }

  func close() async { await consumer.close() }
}

/// Counts the messages of a channel of commands.
package struct MeteredCommandChannel: CommandChannel {
  private let channel: any CommandChannel
  private let topic: Name
  private let metrics: ChannelMetrics

  /// - Parameter topic: the destination in the metrics.
  package init(_ channel: any CommandChannel, as topic: Name, _ metrics: ChannelMetrics) {
    self.channel = channel
    self.topic = topic
    self.metrics = metrics
  }

  package var name: Name { channel.name }

  package func publish(
    _ message: ChannelMessage, to domain: Name
  ) async throws(ChannelError) {
    metrics.count(sent: 1, at: topic)
    try await channel.publish(message, to: domain)
  }

  package func consumer(
    of domain: Name, window: Int
  ) async throws(ChannelError) -> any ChannelConsumer<ChannelMessage> {
    MeteredConsumer(
      consumer: try await channel.consumer(of: domain, window: window), destination: topic,
      metrics: metrics)
  }

  package func deadLetters(of domain: Name) throws(ChannelError) -> any DeadLetters {
    try channel.deadLetters(of: domain)
  }

  package func close() async { await channel.close() }
}
