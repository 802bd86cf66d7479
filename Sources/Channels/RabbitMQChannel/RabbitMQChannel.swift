import EventModel
import EventSourcing

/// Carries domains' logs through RabbitMQ.
///
/// Publishes to a durable topic exchange with the routing key `DOMAIN.PARTITION`: persistent,
/// with confirms, and `mandatory`, so that an unroutable message is reported. Each subscription
/// has a durable queue for each partition, with manual acknowledgement and a bounded prefetch.
public final class RabbitMQChannel: MessageChannel {
  public let name: Name
  public let disorder = Duration.zero
  private let address: RabbitMQAddress
  private let exchange: Exchange
  private let isEventedStyle: Bool
  /// Separate, because a broker low on memory or disk blocks connections that publish.
  private let publishing: Link
  private let consuming: Link

  /// Does not contact the broker yet.
  public init(_ address: RabbitMQAddress) throws(ChannelError) {
    self.address = address
    exchange = Exchange(
      name: address.exchange, type: address.isEventedStyle ? "fanout" : "topic")
    isEventedStyle = address.isEventedStyle
    name = Name("rabbitmq:\(address.exchange)")
    publishing = try Link(to: address)
    consuming = try Link(to: address)
  }

  public func publisher(
    of domain: Name, partition: UInt32, window: Int,
    blocked: @escaping @Sendable (String?) -> Void
  ) async throws(ChannelError) -> any ChannelPublisher {
    let key = isEventedStyle ? "" : try BrokerNames(domain: domain, partition: partition).routingKey
    return try await RabbitMQPublisher(
      on: publishing, to: exchange, key: key, partition: partition, blocked: blocked)
  }

  public func consumer(
    of domain: Name, partition: UInt32, for subscription: Name, window: Int
  ) async throws(ChannelError) -> any ChannelConsumer<RecordedCommit> {
    try await RabbitMQConsumer(
      on: consuming, exchange: exchange,
      key: try BrokerNames(domain: domain, partition: partition).routingKey,
      queue: try BrokerNames.queue(
        on: exchange.name, of: domain, partition: partition, for: subscription),
      // A fanout exchange sends every domain to every queue.
      only: isEventedStyle ? (domain, partition) : nil, window: window)
  }

  public func deadLetters(
    of domain: Name, partition: UInt32, for subscription: Name
  ) throws(ChannelError) -> any DeadLetters {
    RabbitMQDeadLetters(
      of: try BrokerNames.queue(
        on: exchange.name, of: domain, partition: partition, for: subscription),
      at: address)
  }

  public func close() async {
    await publishing.close()
    await consuming.close()
  }
}

/// The exchange that messages are published to.
struct Exchange: Sendable {
  let name: String
  /// `topic` or `fanout`.
  let type: String
}
