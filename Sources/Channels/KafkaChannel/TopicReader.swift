import CRdKafka
import EventSourcing
import Threads

/// Reads a topic's partitions to their ends, outside any consumer group. For one thread.
final class TopicReader {
  /// The offset before the first message.
  static let beginning: Int64 = -2

  private let client: KafkaClient
  private let topic: String
  private let address: KafkaAddress
  private let report: @Sendable (String) -> Void

  /// - Parameter group: the group whose rights are used; its offsets stay unchanged.
  init(
    _ topic: String, group: String, at address: KafkaAddress,
    report: @escaping @Sendable (String) -> Void
  ) throws(ChannelError) {
    client = try KafkaClient(.reader(address, group: group))
    self.topic = topic
    self.address = address
    self.report = report
  }

  /// - Parameters:
  ///   - starts: the first offset to read, by partition.
  ///   - take: gets each message; returns false to stop reading the message's partition.
  func read(
    _ starts: [Int32: Int64], _ cancellation: Cancellation, _ take: (IncomingMessage) -> Bool
  ) throws(ChannelError) {
    let list = PartitionList()
    for (partition, offset) in starts { list.add(topic, partition, offset: offset) }
    let code = rd_kafka_assign(client.handle, list.pointer)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw error(code) }
    var open = Set(starts.keys)
    var lastProgress = ContinuousClock.now
    while !open.isEmpty {
      if cancellation.isCancelled {
        throw ChannelError(.unavailable, "the call was cancelled")
      }
      guard let event = client.poll(milliseconds: Limits.pollMilliseconds) else {
        guard ContinuousClock.now - lastProgress < Limits.readStallMax else {
          throw error(RD_KAFKA_RESP_ERR__TIMED_OUT)
        }
        continue
      }
      if event.type == RD_KAFKA_EVENT_LOG {
        report(event.logLine)
        continue
      }
      if event.type == RD_KAFKA_EVENT_FETCH {
        lastProgress = .now
        event.forEachMessage { pointer in
          let message = IncomingMessage(pointer)
          guard open.contains(message.partition) else { return }
          if !take(message) { open.remove(message.partition) }
        }
      } else if event.code == RD_KAFKA_RESP_ERR__PARTITION_EOF {
        lastProgress = .now
        if let partition = event.partition { open.remove(partition) }
      } else if event.type == RD_KAFKA_EVENT_ERROR {
        try noticed(event)
      }
    }
  }

  /// Most connection errors are temporary.
  private func noticed(_ event: KafkaEvent) throws(ChannelError) {
    let code = event.code
    if event.isFatal || code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || code.kind != .unavailable {
      throw error(code, event.text)
    }
    report(event.text)
  }

  private func error(_ code: KafkaCode, _ detail: String? = nil) -> ChannelError {
    ChannelError(kafka: code, "topic \(topic)", at: address, detail: detail)
  }
}

extension KafkaEvent {
  /// The partition of an error, if any.
  fileprivate var partition: Int32? {
    guard let place = rd_kafka_event_topic_partition(pointer) else { return nil }
    defer { rd_kafka_topic_partition_destroy(place) }
    return place.pointee.partition
  }
}
