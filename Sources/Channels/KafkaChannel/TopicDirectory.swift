import CRdKafka
import EventSourcing

/// Looks topics up at the broker, and creates them.
///
/// Its synchronous calls block.
struct TopicDirectory: Sendable {
  let producer: Producer
  private var address: KafkaAddress { producer.address }

  /// Creates the topic if it does not exist, and returns once it does.
  ///
  /// - Parameter isCompacted: for a new topic: Kafka keeps only the last message of each key.
  func find(_ topic: String, isCompacted: Bool = false) async throws(ChannelError) {
    try await blocking { _ throws(ChannelError) in
      let client = try producer.client()
      if try look(topic, client) == nil { try create(topic, client, isCompacted: isCompacted) }
    }
  }

  /// Returns the number of the topic's partitions; nil if it does not exist.
  func partitions(of topic: String) throws(ChannelError) -> Int32? {
    try look(topic, try producer.client())
  }

  /// Returns the next offset of each partition; empty if the topic does not exist.
  func ends(of topic: String) throws(ChannelError) -> [Int32: Int64] {
    let client = try producer.client()
    var ends: [Int32: Int64] = [:]
    for partition in 0..<(try look(topic, client) ?? 0) {
      var (first, end): (Int64, Int64) = (0, 0)
      let answer = rd_kafka_query_watermark_offsets(
        client.handle, topic, partition, &first, &end, Limits.openTimeoutMilliseconds)
      guard answer == RD_KAFKA_RESP_ERR_NO_ERROR else {
        throw ChannelError(kafka: answer, "topic \(topic)", at: address)
      }
      ends[partition] = end
    }
    return ends
  }

  /// Queries the topic's metadata, for `partitions`.
  private func look(_ topic: String, _ client: KafkaClient) throws(ChannelError) -> Int32? {
    guard let handle = rd_kafka_topic_new(client.handle, topic, nil) else {
      throw ChannelError(kafka: rd_kafka_last_error(), "topic \(topic)", at: address)
    }
    defer { rd_kafka_topic_destroy(handle) }
    var found: UnsafePointer<rd_kafka_metadata>?
    let answer = rd_kafka_metadata(
      client.handle, 0, handle, &found, Limits.openTimeoutMilliseconds)
    guard answer == RD_KAFKA_RESP_ERR_NO_ERROR, let found else {
      // A connection's own error says more than the missing answer.
      throw producer.lastError ?? ChannelError(kafka: answer, "the connection", at: address)
    }
    defer { rd_kafka_metadata_destroy(found) }
    guard found.pointee.topic_cnt > 0 else { return nil }
    switch found.pointee.topics[0].err {
    // A new topic has no leader for a moment; librdkafka waits for it.
    case RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
      return found.pointee.topics[0].partition_cnt
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART: return nil
    case let code: throw ChannelError(kafka: code, "topic \(topic)", at: address)
    }
  }

  private func create(
    _ topic: String, _ client: KafkaClient, isCompacted: Bool
  ) throws(ChannelError) {
    var reason = ErrorText()
    // -1 is the broker's default (KIP-464).
    let new = reason.write {
      rd_kafka_NewTopic_new(topic, address.partitions ?? -1, address.replicas ?? -1, $0, $1)
    }
    guard let new else { throw ChannelError(.notPermitted, "topic \(topic): \(reason.text)") }
    defer { rd_kafka_NewTopic_destroy(new) }
    if isCompacted { rd_kafka_NewTopic_set_config(new, "cleanup.policy", "compact") }
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
    // Another caller was faster.
    case RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS: return
    default:
      throw ChannelError(
        kafka: code, "creating topic \(topic)", at: address,
        detail: detail.isEmpty ? nil : detail)
    }
  }
}
