import CRdKafka
import Glibc

/// A publisher on librdkafka and nothing else: an idempotent producer, as the adapter's is.
final class RawKafka: RawPublisher {
  let name = "librdkafka"
  private let servers: String
  private var producer: OpaquePointer?
  private var topic: OpaquePointer?

  init(servers: String) { self.servers = servers }

  func prepare(_ topic: String) throws {
    let configuration = rd_kafka_conf_new()
    var text = [CChar](repeating: 0, count: 512)
    let settings = [
      ("bootstrap.servers", servers), ("enable.idempotence", "true"), ("acks", "all"),
      ("linger.ms", "1"), ("allow.auto.create.topics", "true"),
    ]
    for (name, value) in settings {
      guard
        rd_kafka_conf_set(configuration, name, value, &text, text.count) == RD_KAFKA_CONF_OK
      else { throw Failure(text) }
    }
    rd_kafka_conf_set_events(configuration, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR)
    guard
      let producer = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, &text, text.count)
    else { throw Failure(text) }
    self.producer = producer
    self.topic = rd_kafka_topic_new(producer, topic, nil)
  }

  func publish(_ count: Int, _ message: SampleMessage, window: Int) throws {
    guard let producer, let queue = rd_kafka_queue_get_main(producer) else { return }
    defer { rd_kafka_queue_destroy(queue) }
    var outstanding = 0
    for number in 0..<count + 1 {
      // All of them, behind the last one.
      let room = number < count ? window - 1 : 0
      while outstanding > room { outstanding -= try confirmed(queue) }
      if number == count { return }
      try produce(message, producer)
      outstanding += 1
    }
  }

  private func produce(_ message: SampleMessage, _ producer: OpaquePointer) throws {
    let headers = rd_kafka_headers_new(message.headers.count)
    for (name, value) in message.headers { rd_kafka_header_add(headers, name, -1, value, -1) }
    let error = message.body.withUnsafeBytes { body in
      var units = [rd_kafka_vu_t](repeating: rd_kafka_vu_t(), count: 4)
      units[0].vtype = RD_KAFKA_VTYPE_RKT
      units[0].u.rkt = topic
      units[1].vtype = RD_KAFKA_VTYPE_MSGFLAGS
      units[1].u.i = RD_KAFKA_MSG_F_COPY
      units[2].vtype = RD_KAFKA_VTYPE_VALUE
      units[2].u.mem = .init(
        ptr: UnsafeMutableRawPointer(mutating: body.baseAddress), size: body.count)
      units[3].vtype = RD_KAFKA_VTYPE_HEADERS
      units[3].u.headers = headers
      return rd_kafka_produceva(producer, units, units.count)
    }
    guard error == nil else {
      throw Failure(description: String(cString: rd_kafka_error_string(error)))
    }
  }

  /// Waits for delivery reports: of how many messages.
  private func confirmed(_ queue: OpaquePointer) throws -> Int {
    guard let event = rd_kafka_queue_poll(queue, 10_000) else {
      throw Failure(description: "the broker confirmed nothing for 10 s")
    }
    defer { rd_kafka_event_destroy(event) }
    var count = 0
    while let message = rd_kafka_event_message_next(event) {
      guard message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
        throw Failure(description: String(cString: rd_kafka_err2str(message.pointee.err)))
      }
      count += 1
    }
    return count
  }

  func finish() {
    rd_kafka_topic_destroy(topic)
    rd_kafka_destroy(producer)
    (topic, producer) = (nil, nil)
  }
}
