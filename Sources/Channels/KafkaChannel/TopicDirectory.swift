import CRdKafka
import EventSourcing
import Threads

/// Looks topics up at the broker, and creates them.
///
/// The calls block, each on a thread of its own: sessions begin seldom.
struct TopicDirectory: Sendable {
  let producer: Producer
  private var address: KafkaAddress { producer.address }

  /// Comes back when the topic is there. It is created where it is not.
  func find(_ topic: String) async throws(ChannelError) {
    try await onThread { () throws(ChannelError) in
      let client = try producer.client()
      switch try look(topic, client) {
      case RD_KAFKA_RESP_ERR_NO_ERROR: return
      case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART: try create(topic, client)
      case let code: throw ChannelError(kafka: code, "topic \(topic)", at: address)
      }
    }
  }

  /// What the broker says about the topic.
  private func look(_ topic: String, _ client: KafkaClient) throws(ChannelError) -> KafkaCode {
    guard let handle = rd_kafka_topic_new(client.handle, topic, nil) else {
      throw ChannelError(kafka: rd_kafka_last_error(), "topic \(topic)", at: address)
    }
    defer { rd_kafka_topic_destroy(handle) }
    var found: UnsafePointer<rd_kafka_metadata>?
    let answer = rd_kafka_metadata(
      client.handle, 0, handle, &found, Limits.openTimeoutMilliseconds)
    guard answer == RD_KAFKA_RESP_ERR_NO_ERROR, let found else {
      // That there is no connection says less than why.
      throw producer.lastError ?? ChannelError(kafka: answer, "the connection", at: address)
    }
    defer { rd_kafka_metadata_destroy(found) }
    guard found.pointee.topic_cnt > 0 else { return RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART }
    let code = found.pointee.topics[0].err
    // A new topic has no leader for a moment: librdkafka waits for it.
    return code == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE ? RD_KAFKA_RESP_ERR_NO_ERROR : code
  }

  private func create(_ topic: String, _ client: KafkaClient) throws(ChannelError) {
    var reason = ErrorText()
    // -1 is the broker's default (KIP-464).
    let new = reason.write {
      rd_kafka_NewTopic_new(topic, address.partitions ?? -1, address.replicas ?? -1, $0, $1)
    }
    guard let new else { throw ChannelError(.notPermitted, "topic \(topic): \(reason.text)") }
    defer { rd_kafka_NewTopic_destroy(new) }
    guard let queue = rd_kafka_queue_new(client.handle) else {
      throw ChannelError(.unavailable, "no memory for a client of Kafka")
    }
    defer { rd_kafka_queue_destroy(queue) }
    var topics: [OpaquePointer?] = [new]
    rd_kafka_CreateTopics(client.handle, &topics, 1, nil, queue)
    guard
      let event = rd_kafka_queue_poll(queue, Limits.createTimeoutMilliseconds).map(KafkaEvent.init)
    else { throw ChannelError(.unavailable, "\(address.description): topic \(topic): no answer") }
    try check(event, topic)
  }

  private func check(_ event: KafkaEvent, _ topic: String) throws(ChannelError) {
    var code = event.code
    var detail = event.text
    if code == RD_KAFKA_RESP_ERR_NO_ERROR {
      var count = 0
      if let results = rd_kafka_CreateTopics_result_topics(
        rd_kafka_event_CreateTopics_result(event.pointer), &count), count > 0,
        let result = results[0]
      {
        code = rd_kafka_topic_result_error(result)
        detail = String(text: rd_kafka_topic_result_error_string(result))
      }
    }
    switch code {
    // Somebody else was faster.
    case RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS: return
    default:
      throw ChannelError(
        kafka: code, "creating topic \(topic)", at: address,
        detail: detail.isEmpty ? nil : detail)
    }
  }
}

/// Makes a call that blocks on a thread of its own.
func onThread<Outcome: Sendable>(
  _ body: @escaping @Sendable () throws(ChannelError) -> Outcome
) async throws(ChannelError) -> Outcome {
  let result: Result<Outcome, ChannelError> = await withCheckedContinuation { continuation in
    do throws(ThreadFailure) {
      try startThread {
        continuation.resume(returning: Result { () throws(ChannelError) in try body() })
      }
    } catch {
      continuation.resume(returning: .failure(ChannelError(.unavailable, "\(error)")))
    }
  }
  return try result.get()
}
