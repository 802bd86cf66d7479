import CRdKafka
import EventSourcing

/// The calls of a member of a consumer group. For one thread.
final class GroupConsumer {
  let client: KafkaClient
  private let topic: String
  private var commits = 0

  init(_ client: KafkaClient, topic: String) {
    self.client = client
    self.topic = topic
  }

  /// Whether a commit is unanswered.
  var isCommitting: Bool { commits > 0 }

  /// Whether another member already has the partitions.
  var hasLostAssignment: Bool { rd_kafka_assignment_lost(client.handle) != 0 }

  func subscribe() -> ChannelError? {
    let topics = PartitionList()
    topics.add(topic, RD_KAFKA_PARTITION_UA)
    let code = rd_kafka_subscribe(client.handle, topics.pointer)
    if code == RD_KAFKA_RESP_ERR_NO_ERROR { return nil }
    return ChannelError(.unavailable, "topic \(topic): \(code.text)")
  }

  /// Assigns the partitions, and forwards their messages to the client's message queue.
  ///
  /// - Returns: the assigned partitions.
  func assign(_ event: KafkaEvent) -> [Int32] {
    let partitions = Array(event.offsets.keys)
    for partition in partitions {
      guard let queue = rd_kafka_queue_get_partition(client.handle, topic, partition) else {
        continue
      }
      rd_kafka_queue_forward(queue, client.messages)
      rd_kafka_queue_destroy(queue)
    }
    rd_kafka_assign(client.handle, event.partitions)
    return partitions
  }

  func unassign() {
    rd_kafka_assign(client.handle, nil)
  }

  /// Starts a commit, which an event answers.
  ///
  /// - Parameter offsets: the next offset to read, by partition.
  /// - Returns: false if it did not start.
  func commit(_ offsets: [Int32: Int64]) -> Bool {
    let list = PartitionList()
    for (partition, offset) in offsets { list.add(topic, partition, offset: offset) }
    guard rd_kafka_commit(client.handle, list.pointer, 1) == RD_KAFKA_RESP_ERR_NO_ERROR else {
      return false
    }
    commits += 1
    return true
  }

  /// Notes the answer to a commit.
  func committed() { commits = max(commits - 1, 0) }

  /// Leaves the group, and handles the library's events until it has left: it would never end
  /// otherwise.
  ///
  /// - Parameter late: called once if that takes longer than `Limits.closeMax`.
  func close(late: () -> Void) {
    guard let queue = rd_kafka_queue_new(client.handle) else { return }
    defer { rd_kafka_queue_destroy(queue) }
    // Not the consumer's own queue, which would be forwarded to itself.
    guard code(rd_kafka_consumer_close_queue(client.handle, queue)) == RD_KAFKA_RESP_ERR_NO_ERROR
    else { return }
    var deadline: ContinuousClock.Instant? = .now + Limits.closeMax
    while rd_kafka_consumer_closed(client.handle) == 0 {
      let event = rd_kafka_queue_poll(queue, Limits.pollMilliseconds).map(KafkaEvent.init)
      if event?.type == RD_KAFKA_EVENT_REBALANCE { unassign() }
      if let passed = deadline, ContinuousClock.now > passed {
        deadline = nil
        late()
      }
    }
  }
}

/// A partition list of librdkafka.
final class PartitionList {
  let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

  init() { pointer = rd_kafka_topic_partition_list_new(1) }

  deinit { rd_kafka_topic_partition_list_destroy(pointer) }

  func add(_ topic: String, _ partition: Int32, offset: Int64 = -1001) {
    rd_kafka_topic_partition_list_add(pointer, topic, partition).pointee.offset = offset
  }
}

extension KafkaEvent {
  /// The offsets in the event, by partition.
  var offsets: [Int32: Int64] {
    guard let list = partitions?.pointee, let elements = list.elems else { return [:] }
    return UnsafeBufferPointer(start: elements, count: Int(list.cnt)).reduce(into: [:]) {
      $0[$1.partition] = $1.offset
    }
  }
}
