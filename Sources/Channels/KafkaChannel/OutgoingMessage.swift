import CRdKafka
import EventModel
import EventSourcing
import Wire

/// A message on its way to the broker.
struct OutgoingMessage: Sendable {
  var key: Bytes?
  var body: Bytes?
  private(set) var headers: MessageHeaders
  /// Nil: the key decides.
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

  /// In the binary mode of the Kafka binding of CloudEvents 1.0 (section 3.2).
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

  /// Hands it to the library, which copies it.
  ///
  /// - Parameter ticket: comes back with the delivery report.
  func produce(to topic: OpaquePointer, of client: OpaquePointer, ticket: UInt) -> KafkaCode {
    // librdkafka 2.0 frees headers twice that are given one by one, when it refuses the topic. A
    // list becomes the message's on success, and stays ours on failure.
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
        // Copies both. It fails for no memory only.
        _ = rd_kafka_header_add(
          list, start + name.lowerBound, name.count, start + value.lowerBound, value.count)
      }
    }
    return list
  }
}

/// The code of an error object, which ends here.
func code(_ error: OpaquePointer?) -> KafkaCode {
  guard let error else { return RD_KAFKA_RESP_ERR_NO_ERROR }
  defer { rd_kafka_error_destroy(error) }
  return rd_kafka_error_code(error)
}

extension Bytes? {
  /// The bytes where they are; no address for nil, which Kafka tells from nothing.
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
