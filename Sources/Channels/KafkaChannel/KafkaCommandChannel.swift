import EventModel
import EventSourcing
import Synchronization

/// Carries commands through Kafka: one topic for all domains, or one for each if its name
/// contains `{domain}`. The command-handlers of a domain form one consumer group.
public final class KafkaCommandChannel: CommandChannel {
  public let name: Name
  private let address: KafkaAddress
  private let report: @Sendable (String) -> Void
  private let clients: SharedClients<ChannelMessage>
  /// Topics known to exist.
  private let found = Mutex<Set<String>>([])

  /// Does not contact the broker yet. Throws if librdkafka refuses an option.
  ///
  /// - Parameters:
  ///   - address: includes the topic of the commands.
  ///   - report: gets librdkafka's log, line by line; called from any thread.
  public init(
    _ address: KafkaAddress, report: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(ChannelError) {
    self.address = address
    self.report = report
    name = Name("kafka:\(address.topic)")
    // A refused command must not fail the others in flight.
    clients = try SharedClients(address, isGapless: false, report: report)
  }

  public func publish(
    _ message: ChannelMessage, to domain: Name
  ) async throws(ChannelError) {
    let topic = try TopicName.topic(of: domain, at: address)
    let producer = try clients.producer()
    do throws(ChannelError) {
      if !found.withLock({ $0.contains(topic) }) {
        try await TopicDirectory(producer: producer).find(topic)
        found.withLock { _ = $0.insert(topic) }
      }
      try await producer.publish([OutgoingMessage(message)], to: topic)
    } catch {
      // It may have been deleted, so the next call looks it up again.
      found.withLock { _ = $0.remove(topic) }
      throw error
    }
  }

  public func consumer(
    of domain: Name, window: Int
  ) async throws(ChannelError) -> any ChannelConsumer<ChannelMessage> {
    let topic = try TopicName.topic(of: domain, at: address)
    return try await clients.consumer(
      of: topic, for: TopicName.commandGroup(of: domain, on: topic), window: window,
      .messages(of: topic))
  }

  public func deadLetters(of domain: Name) throws(ChannelError) -> any DeadLetters {
    let topic = try TopicName.topic(of: domain, at: address)
    return KafkaDeadLetters(
      topic: topic, group: TopicName.commandGroup(of: domain, on: topic), address: address,
      report: report)
  }

  public func close() async { await clients.close() }
}
