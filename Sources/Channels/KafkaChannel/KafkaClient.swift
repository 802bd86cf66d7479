import CRdKafka
import EventSourcing

/// A producer or consumer of librdkafka, with its event queue.
///
/// `@unchecked Sendable`: librdkafka is thread-safe; any thread may call any of its functions
/// (INTRODUCTION.md, "Threads and callbacks").
final class KafkaClient: @unchecked Sendable {
  let handle: OpaquePointer
  private let queue: OpaquePointer
  /// The queue of a consumer's messages, apart from its other events. Empty until `GroupConsumer`
  /// forwards partitions to it.
  let messages: OpaquePointer

  /// Does not connect yet.
  init(_ settings: ClientSettings) throws(ChannelError) {
    let configuration = try settings.made()
    var reason = ErrorText()
    // The client owns the configuration only if it was created.
    guard
      let handle = reason.write({ rd_kafka_new(settings.kind, configuration, $0, $1) })
    else {
      rd_kafka_conf_destroy(configuration)
      throw ChannelError(.notPermitted, "the channel's URI: \(reason.text)")
    }
    if settings.kind == RD_KAFKA_CONSUMER { rd_kafka_poll_set_consumer(handle) }
    let queue =
      settings.kind == RD_KAFKA_CONSUMER
      ? rd_kafka_queue_get_consumer(handle) : rd_kafka_queue_get_main(handle)
    guard let queue, let messages = rd_kafka_queue_new(handle) else {
      rd_kafka_destroy(handle)
      throw ChannelError(.unavailable, "no memory for a client of Kafka")
    }
    (self.handle, self.queue, self.messages) = (handle, queue, messages)
    // Logs go to the same queue as all other events.
    rd_kafka_set_log_queue(handle, nil)
  }

  /// Waits until the library's threads have ended. Unsent messages are lost.
  deinit {
    rd_kafka_queue_destroy(messages)
    rd_kafka_queue_destroy(queue)
    rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
  }

  /// Waits for an event; returns at the latest after the timeout, or when `wake` is called.
  func poll(milliseconds: Int32) -> KafkaEvent? {
    rd_kafka_queue_poll(queue, milliseconds).map(KafkaEvent.init)
  }

  /// Waits for a message, or for an error of a partition.
  func pollMessages(milliseconds: Int32) -> KafkaEvent? {
    rd_kafka_queue_poll(messages, milliseconds).map(KafkaEvent.init)
  }

  /// Ends the current or next poll of each queue.
  func wake() {
    rd_kafka_queue_yield(queue)
    rd_kafka_queue_yield(messages)
  }

  /// Messages that are not delivered, or whose reports were not taken.
  var outstanding: Int { Int(rd_kafka_outq_len(handle)) }

  /// The fatal error of the library; nil if there is none.
  var fatalError: (code: KafkaCode, text: String)? {
    var reason = ErrorText()
    let code = reason.write { rd_kafka_fatal_error(handle, $0, $1) }
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : (code, reason.text)
  }
}

/// An event from a client's queue. For one thread.
final class KafkaEvent {
  let pointer: OpaquePointer

  init(_ pointer: OpaquePointer) { self.pointer = pointer }

  deinit { rd_kafka_event_destroy(pointer) }

  /// One of `RD_KAFKA_EVENT_…`.
  var type: Int32 { rd_kafka_event_type(pointer) }

  var code: KafkaCode { rd_kafka_event_error(pointer) }

  var text: String { String(text: rd_kafka_event_error_string(pointer)) }

  var isFatal: Bool { rd_kafka_event_error_is_fatal(pointer) != 0 }

  /// A line of the library's log.
  var logLine: String {
    var facility: UnsafePointer<CChar>?
    var line: UnsafePointer<CChar>?
    var level: Int32 = 0
    rd_kafka_event_log(pointer, &facility, &line, &level)
    return String(text: line)
  }

  /// Passes each message to `body`, valid within it.
  func forEachMessage(_ body: (UnsafePointer<rd_kafka_message_t>) -> Void) {
    while let message = rd_kafka_event_message_next(pointer) { body(message) }
  }

  /// The partitions of a rebalance or a commit, owned by the event.
  var partitions: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>? {
    rd_kafka_event_topic_partition_list(pointer)
  }
}
