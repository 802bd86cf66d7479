import CRdKafka
import EventModel
import EventSourcing
import Wire

/// A message to publish.
struct OutgoingMessage: Sendable {
  var key: Bytes?
  var body: Bytes?
  private(set) var headers: MessageHeaders
  /// Nil: chosen by the key.
  private let partition: Int32?

  init(
    key: Bytes?, body: Bytes?, headers: MessageHeaders = MessageHeaders(), partition: Int32? = nil
  ) {
    self.key = key
    self.body = body
    self.headers = headers
    self.partition = partition
  }

  var byteCount: Int { (key?.count ?? 0) + (body?.count ?? 0) + headers.byteCount }

  /// In the binary mode of CloudEvents 1.0's Kafka binding (section 3.2).
  init(_ recorded: RecordedCommit) {
    let message = EventMessage(recorded, cloudEvents: "ce_")
    self.init(
      key: recorded.commit.cover.root.bytes, body: message.body, headers: message.headers)
    append("content-type", EventMessage.contentType)
  }

  init(_ message: ChannelMessage) {
    self.init(key: message.key.isEmpty ? nil : message.key, body: message.body)
    for header in message.headers { append(header.name, header.value) }
  }

  mutating func append(_ name: String, _ value: String) { headers.append(name, value) }

  mutating func append(_ name: String, _ value: Bytes) { headers.append(name, value) }

  /// Passes the message to the library, which copies it.
  ///
  /// - Parameter ticket: returned with the delivery report.
  func produce(to topic: OpaquePointer, of client: OpaquePointer, ticket: UInt) -> KafkaCode {
    // librdkafka 2.0 frees headers twice if they were passed one by one and it refuses the topic.
    // So pass a list: the message owns it on success, and we do on failure.
    guard let list = headerList() else { return RD_KAFKA_RESP_ERR__FAIL }
    let code = key.withMemory { key in
      body.withMemory { body in
        outrider_kafka_produce(
          client, topic, partition ?? RD_KAFKA_PARTITION_UA, key.base, key.count, body.base,
          body.count, list, UnsafeMutableRawPointer(bitPattern: ticket))
      }
    }
    if code != RD_KAFKA_RESP_ERR_NO_ERROR { rd_kafka_headers_destroy(list) }
    return code
  }

  private func headerList() -> OpaquePointer? {
    guard let list = rd_kafka_headers_new(headers.count) else { return nil }
    headers.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      for index in headers.indices {
        let (name, value) = headers.places(of: index)
        // Copies both. Fails only without memory.
        _ = rd_kafka_header_add(
          list, start + name.lowerBound, name.count, start + value.lowerBound, value.count)
      }
    }
    return list
  }
}

/// The code of an error object, which is freed here.
func code(_ error: OpaquePointer?) -> KafkaCode {
  guard let error else { return RD_KAFKA_RESP_ERR_NO_ERROR }
  defer { rd_kafka_error_destroy(error) }
  return rd_kafka_error_code(error)
}

extension Bytes? {
  /// Lends the bytes; nil has no address, which Kafka distinguishes from empty.
  fileprivate func withMemory<Result>(
    _ body: ((base: UnsafeRawPointer?, count: Int)) -> Result
  ) -> Result {
    guard let bytes = self else { return body((nil, 0)) }
    if bytes.isEmpty {
      let nothing: UInt8 = 0
      return withUnsafeBytes(of: nothing) { body(($0.baseAddress, 0)) }
    }
    return bytes.withUnsafeBytes { body(($0.baseAddress, $0.count)) }
  }
}
