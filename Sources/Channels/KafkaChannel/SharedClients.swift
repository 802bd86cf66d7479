import EventSourcing
import Synchronization

/// The producer and the consumers of one channel: created on demand, closed together.
final class SharedClients<Message: Sendable>: Sendable {
  private struct State {
    var producer: Producer?
    var consumers: [KafkaConsumer<Message>] = []
    var isClosed = false
  }

  private let address: KafkaAddress
  private let isGapless: Bool
  private let report: @Sendable (String) -> Void
  private let state = Mutex(State())

  /// Does not contact the broker yet. Throws if librdkafka refuses an option.
  ///
  /// - Parameter isGapless: as for `Producer`.
  init(
    _ address: KafkaAddress, isGapless: Bool, report: @escaping @Sendable (String) -> Void
  ) throws(ChannelError) {
    self.address = address
    self.isGapless = isGapless
    self.report = report
    _ = try KafkaClient(.producer(address, isGapless: isGapless))
  }

  /// The shared producer; replaces one that has ended.
  func producer() throws(ChannelError) -> Producer {
    try state.withLock { (state) throws(ChannelError) in
      if state.isClosed { throw .closed }
      if let producer = state.producer, producer.isGood { return producer }
      let producer = try Producer(address, isGapless: isGapless, report: report)
      state.producer = producer
      return producer
    }
  }

  /// Joins a group. Creates a missing topic.
  func consumer(
    of topic: String, for group: String, window: Int, _ reader: MessageReader<Message>
  ) async throws(ChannelError) -> KafkaConsumer<Message> {
    try await TopicDirectory(producer: try producer()).find(topic)
    let loop = try ConsumerLoop(
      of: topic, for: group, window: window, reader: reader, at: address, report: report)
    let consumer = try KafkaConsumer(loop) { [self] message throws(ChannelError) in
      let letters = TopicName.deadLetters(of: topic)
      let producer = try self.producer()
      try await TopicDirectory(producer: producer).find(letters, isCompacted: true)
      try await producer.publish([message], to: letters)
    }
    let isClosed = state.withLock { state in
      state.consumers.removeAll(where: \.isOver)
      state.consumers.append(consumer)
      return state.isClosed
    }
    if isClosed { await consumer.close() }
    return consumer
  }

  func close() async {
    let (producer, consumers) = state.withLock { state in
      state.isClosed = true
      defer { (state.producer, state.consumers) = (nil, []) }
      return (state.producer, state.consumers)
    }
    for consumer in consumers { await consumer.close() }
    await producer?.close()
  }
}
