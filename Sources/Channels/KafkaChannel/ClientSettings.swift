import CRdKafka
import EventSourcing

/// The settings of one client, by librdkafka's names.
struct ClientSettings {
  var kind: rd_kafka_type_t
  /// The kinds of events to receive from the client's queue.
  var events: Int32
  private(set) var values: [(name: String, value: String)]

  private init(
    _ kind: rd_kafka_type_t, _ address: KafkaAddress, events: Int32,
    _ values: KeyValuePairs<String, String>
  ) {
    self.kind = kind
    self.events = events | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG
    let common: KeyValuePairs<String, String> = [
      "bootstrap.servers": address.servers, "client.id": "outrider",
      // Logs become events; nothing is written to standard error.
      "log.queue": "true", "log.connection.close": "false", "statistics.interval.ms": "0",
      "socket.keepalive.enable": "true", "socket.nagle.disable": "true",
      "reconnect.backoff.ms": "50", "reconnect.backoff.max.ms": "500",
      // Topics are created explicitly, with their number of partitions.
      "allow.auto.create.topics": "false",
    ]
    self.values = common.map { ($0.key, $0.value) } + values.map { ($0.key, $0.value) }
    self.values += address.security.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Keeps the order of each partition under failures: the producer is idempotent, and never
  /// drops a message for its age, because later ones might overtake it.
  ///
  /// - Parameter isGapless: whether the producer stops at the first message that the broker
  ///   refuses.
  static func producer(_ address: KafkaAddress, isGapless: Bool = true) -> ClientSettings {
    ClientSettings(
      RD_KAFKA_PRODUCER, address, events: RD_KAFKA_EVENT_DR,
      [
        "enable.idempotence": "true", "enable.gapless.guarantee": "\(isGapless)", "acks": "all",
        "message.timeout.ms": "0", "linger.ms": "1",
        "message.max.bytes": "\(Limits.messageBytesMax)",
        // A broker takes any first sequence number of a producer, so it would not notice that
        // earlier messages were refused. Messages published meanwhile go into the next batch.
        "max.in.flight.requests.per.connection": "1",
        // The publishers' windows bound the waiting messages.
        "queue.buffering.max.messages": "0", "queue.buffering.max.kbytes": "2147483647",
        // Java's clients choose the same partition for a key.
        "partitioner": "murmur2_random",
      ])
  }

  static func consumer(_ address: KafkaAddress, group: String) -> ClientSettings {
    ClientSettings(
      RD_KAFKA_CONSUMER, address,
      events: RD_KAFKA_EVENT_FETCH | RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_OFFSET_COMMIT,
      [
        "group.id": group, "enable.auto.commit": "false", "enable.auto.offset.store": "false",
        "auto.offset.reset": "earliest", "partition.assignment.strategy": "range",
        "session.timeout.ms": "\(Limits.sessionTimeoutMilliseconds)",
        "heartbeat.interval.ms": "\(Limits.sessionTimeoutMilliseconds / 3)",
        // Bound the fetched bytes, not messages: at the message bound the library pauses for a
        // second.
        "queued.min.messages": "100000",
        "queued.max.messages.kbytes": "\(Limits.fetchedKilobytes)",
        "fetch.error.backoff.ms": "100",
        "fetch.wait.max.ms": "\(Limits.fetchWaitMilliseconds)",
      ])
  }

  /// Reads given partitions, and reports their ends.
  static func reader(_ address: KafkaAddress, group: String) -> ClientSettings {
    ClientSettings(
      RD_KAFKA_CONSUMER, address, events: RD_KAFKA_EVENT_FETCH,
      [
        "group.id": group, "enable.auto.commit": "false", "enable.auto.offset.store": "false",
        "auto.offset.reset": "earliest", "enable.partition.eof": "true",
        "queued.max.messages.kbytes": "\(Limits.fetchedKilobytes)",
        "fetch.error.backoff.ms": "100",
      ])
  }

  /// Makes librdkafka's configuration object.
  ///
  /// - Returns: a configuration that the caller destroys, or passes to `rd_kafka_new`.
  func made() throws(ChannelError) -> OpaquePointer {
    guard let configuration = rd_kafka_conf_new() else {
      throw ChannelError(.unavailable, "no memory for a client of Kafka")
    }
    for (name, value) in values {
      var reason = ErrorText()
      let result = reason.write { rd_kafka_conf_set(configuration, name, value, $0, $1) }
      guard result == RD_KAFKA_CONF_OK else {
        rd_kafka_conf_destroy(configuration)
        let detail = name.contains("password") ? "" : ": \(reason.text)"
        throw ChannelError(.notPermitted, "the channel's URI: \(name) is refused\(detail)")
      }
    }
    rd_kafka_conf_set_events(configuration, events)
    return configuration
  }
}

/// A buffer for the library's explanation of an error.
struct ErrorText {
  private var bytes = [CChar](repeating: 0, count: 512)

  var text: String { bytes.withUnsafeBufferPointer { String(text: $0.baseAddress) } }

  mutating func write<Result>(
    _ body: (UnsafeMutablePointer<CChar>?, Int) -> Result
  ) -> Result {
    bytes.withUnsafeMutableBufferPointer { body($0.baseAddress, $0.count) }
  }
}

extension String {
  /// Copies a zero-terminated string; empty for nil.
  init(text: UnsafePointer<CChar>?) {
    self = text.map { String(cString: $0) } ?? ""
  }
}
