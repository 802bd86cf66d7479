import EventModel
import EventSourcing
import Synchronization
import Timing

/// A message channel whose messages are counted and timed.
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
      meter: metrics.meter(of: domain), clock: metrics.clock)
  }

  package func consumer(
    of domain: Name, partition: UInt32, for subscription: Name, window: Int
  ) async throws(ChannelError) -> any ChannelConsumer<RecordedCommit> {
    MeteredConsumer(
      consumer: try await channel.consumer(
        of: domain, partition: partition, for: subscription, window: window),
      meter: metrics.meter(of: domain), clock: metrics.clock)
  }

  package func deadLetters(
    of domain: Name, partition: UInt32, for subscription: Name
  ) throws(ChannelError) -> any DeadLetters {
    try channel.deadLetters(of: domain, partition: partition, for: subscription)
  }

  package func close() async { await channel.close() }
}

private final class MeteredPublisher: ChannelPublisher {
  private typealias Sent = (number: UInt64, at: ContinuousClock.Instant)

  private let publisher: any ChannelPublisher
  private let meter: DestinationMeter
  private let clock: @Sendable () -> ContinuousClock.Instant
  /// Commits that are not confirmed, in the order of the log. No more than the window holds.
  private let unconfirmed = Mutex<[Sent]>([])

  init(
    publisher: any ChannelPublisher, meter: DestinationMeter,
    clock: @escaping @Sendable () -> ContinuousClock.Instant
  ) {
    (self.publisher, self.meter, self.clock) = (publisher, meter, clock)
  }

  func publish(_ commits: [RecordedCommit]) async throws(ChannelError) {
    let now = clock()
    meter.countSent(commits.count)
    unconfirmed.withLock { sent in sent += commits.map { ($0.position.number, now) } }
    try await publisher.publish(commits)
  }

  func confirmation(after number: UInt64) async throws(ChannelError) -> UInt64 {
    let confirmed = try await publisher.confirmation(after: number)
    let now = clock()
    unconfirmed.withLock { sent in
      let done = sent.prefix { $0.number <= confirmed }
      for commit in done { meter.sending.record(now - commit.at) }
      sent.removeFirst(done.count)
    }
    return confirmed
  }

  func close() async { await publisher.close() }
}

private final class MeteredConsumer<Message: Sendable>: ChannelConsumer {
  private let consumer: any ChannelConsumer<Message>
  private let meter: DestinationMeter
  private let clock: @Sendable () -> ContinuousClock.Instant
  /// When what is not acknowledged came, by its tag. No more than the window holds.
  private let underWay = Mutex<[UInt64: ContinuousClock.Instant]>([:])

  init(
    consumer: any ChannelConsumer<Message>, meter: DestinationMeter,
    clock: @escaping @Sendable () -> ContinuousClock.Instant
  ) {
    (self.consumer, self.meter, self.clock) = (consumer, meter, clock)
  }

  func deliveries() async throws(ChannelError) -> [ChannelDelivery<Message>] {
    let deliveries = try await consumer.deliveries()
    let now = clock()
    meter.countConsumed(deliveries.count)
    underWay.withLock { underWay in for delivery in deliveries { underWay[delivery.tag] = now } }
    return deliveries
  }

  func acknowledge(_ tags: [UInt64]) {
    finish(tags)
    consumer.acknowledge(tags)
  }

  func setAside(
    _ delivery: ChannelDelivery<Message>, as stamp: LetterStamp
  ) async throws(ChannelError) {
    try await consumer.setAside(delivery, as: stamp)
    finish([delivery.tag])
  }

  private func finish(_ tags: [UInt64]) {
    let now = clock()
    underWay.withLock { underWay in
      for tag in tags {
        if let began = underWay.removeValue(forKey: tag) { meter.processing.record(now - began) }
      }
    }
  }

  func close() async { await consumer.close() }
}

/// A channel of commands whose messages are counted and timed.
package struct MeteredCommandChannel: CommandChannel {
  private let channel: any CommandChannel
  private let topic: Name
  private let metrics: ChannelMetrics

  /// - Parameter topic: as which they are counted.
  package init(_ channel: any CommandChannel, as topic: Name, _ metrics: ChannelMetrics) {
    self.channel = channel
    self.topic = topic
    self.metrics = metrics
  }

  package var name: Name { channel.name }

  package func publish(
    _ message: ChannelMessage, to domain: Name
  ) async throws(ChannelError) {
    let meter = metrics.meter(of: topic)
    let began = metrics.clock()
    meter.countSent(1)
    try await channel.publish(message, to: domain)
    meter.sending.record(metrics.clock() - began)
  }

  package func consumer(
    of domain: Name, window: Int
  ) async throws(ChannelError) -> any ChannelConsumer<ChannelMessage> {
    MeteredConsumer(
      consumer: try await channel.consumer(of: domain, window: window),
      meter: metrics.meter(of: topic), clock: metrics.clock)
  }

  package func deadLetters(of domain: Name) throws(ChannelError) -> any DeadLetters {
    try channel.deadLetters(of: domain)
  }

  package func close() async { await channel.close() }
}
