import EventModel
import EventSourcing
import Synchronization

/// Carries domains' logs through Kafka.
///
/// Each domain has a topic for the commits of all its partitions. The key is the root, so Kafka
/// keeps each aggregate's order; commits of different aggregates may overtake each other. All
/// publishers share one idempotent producer. Each subscription has a consumer group for each
/// partition of Outrider, and commits acknowledged offsets.
///
/// Adding partitions to a topic moves keys to other partitions: events of one aggregate in flight
/// may then overtake each other.
public final class KafkaChannel: MessageChannel {
  private struct Stream: Hashable {
    let domain: Name
    let partition: UInt32
  }

  private struct State {
    /// Streams whose last session ended because the broker refused a message. A refusal ends the
    /// producer, so each of these streams gets its own.
    var refused: Set<Stream> = []
    var ownProducers: [Stream: Producer] = [:]
    var isClosed = false
  }

  public let name: Name
  public let disorder = Duration.milliseconds(100)
  private let address: KafkaAddress
  private let report: @Sendable (String) -> Void
  private let clients: SharedClients<RecordedCommit>
  private let state = Mutex(State())

  /// Does not contact the broker yet. Throws if librdkafka refuses an option.
  ///
  /// - Parameter report: gets librdkafka's log, line by line; called from any thread.
  public init(
    _ address: KafkaAddress, report: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(ChannelError) {
    self.address = address
    self.report = report
    name = Name("kafka:\(address.topic)")
    clients = try SharedClients(address, isGapless: true, report: report)
  }

  public func publisher(
    of domain: Name, partition: UInt32, window: Int,
    blocked: @escaping @Sendable (String?) -> Void
  ) async throws(ChannelError) -> any ChannelPublisher {
    let topic = try TopicName.topic(of: domain, at: address)
    let stream = Stream(domain: domain, partition: partition)
    let producer = try producer(for: stream)
    try await TopicDirectory(producer: producer).find(topic)
    return KafkaPublisher(
      on: producer, try producer.begin(topic, window: window), ValueEncoding(address.values)
    ) { [weak self] error in
      self?.ended(stream, on: producer, error)
    }
  }

  public func consumer(
    of domain: Name, partition: UInt32, for subscription: Name, window: Int
  ) async throws(ChannelError) -> any ChannelConsumer<RecordedCommit> {
    guard address.values == .eventBook else {
      throw ChannelError(
        .notPermitted, "values=eventuate is for other consumers: use values=eventbook to consume")
    }
    let topic = try TopicName.topic(of: domain, at: address)
    return try await clients.consumer(
      of: topic, for: TopicName.group(of: domain, partition: partition, for: subscription),
      window: window,
      .log(of: domain, partition: partition, isShared: !address.topic.contains("{domain}")))
  }

  public func deadLetters(
    of domain: Name, partition: UInt32, for subscription: Name
  ) throws(ChannelError) -> any DeadLetters {
    KafkaDeadLetters(
      topic: try TopicName.topic(of: domain, at: address),
      group: TopicName.group(of: domain, partition: partition, for: subscription),
      address: address, report: report)
  }

  public func close() async {
    let producers = state.withLock { state in
      state.isClosed = true
      defer { state.ownProducers = [:] }
      return state.ownProducers.values
    }
    await clients.close()
    for producer in producers { await producer.close() }
  }

  // MARK: Producers

  /// The stream's own producer, or the shared one; replaces one that has ended.
  private func producer(for stream: Stream) throws(ChannelError) -> Producer {
    let own = try state.withLock { (state) throws(ChannelError) -> Producer? in
      if state.isClosed { throw .closed }
      guard state.refused.contains(stream) else { return nil }
      if let producer = state.ownProducers[stream], producer.isGood { return producer }
      let producer = try Producer(address, report: report)
      state.ownProducers[stream] = producer
      return producer
    }
    if let own { return own }
    return try clients.producer()
  }

  /// Notes how a closed publisher ended.
  private func ended(_ stream: Stream, on producer: Producer, _ error: ChannelError?) {
    let isRefusal = error.map { $0.code != .unavailable && !producer.isGood } ?? false
    let own = state.withLock { state -> Producer? in
      if isRefusal { state.refused.insert(stream) } else { state.refused.remove(stream) }
      return state.ownProducers.removeValue(forKey: stream)
    }
    own?.end()
  }
}
