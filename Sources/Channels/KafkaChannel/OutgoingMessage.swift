import CRdKafka
import EventModel
import EventSourcing
import Wire

/// A message on its way to the broker.
struct OutgoingMessage: Sendable {
  var key: Bytes?
  var body: Bytes?
  private(set) var headers: [(name: String, value: Bytes)] = []
  /// Nil: the key decides.
  private let partition: Int32?

  init(
    key: Bytes?, body: Bytes?, headers: [(name: String, value: Bytes)] = [],
    partition: Int32? = nil
  ) {
    self.key = key
    self.body = body
    self.headers = headers
    self.partition = partition
  }

  var byteCount: Int {
    (key?.count ?? 0) + (body?.count ?? 0)
      + headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.count }
  }

  /// In the binary mode of the Kafka binding of CloudEvents 1.0 (section 3.2).
  init(_ recorded: RecordedCommit) {
    let message = EventMessage(recorded)
    self.init(key: recorded.commit.cover.root.bytes, body: message.body)
    append("content-type", EventMessage.contentType)
    for (name, value) in message.cloudEvent { append("ce_" + name, value) }
    for (name, value) in message.headers { append(name, value) }
  }

  init(_ message: ChannelMessage) {
    self.init(key: message.key.isEmpty ? nil : message.key, body: message.body)
    for header in message.headers { append(header.name, header.value) }
  }

  mutating func append(_ name: String, _ value: String) { append(name, Bytes(value.utf8)) }

  mutating func append(_ name: String, _ value: Bytes) { headers.append((name, value)) }

  /// Hands it to the library, which copies it.
  ///
  /// - Parameter ticket: comes back with the delivery report.
  func produce(to topic: OpaquePointer, of client: OpaquePointer, ticket: UInt) -> KafkaCode {
    // librdkafka 2.0 frees headers twice that are given one by one, when it refuses the topic. A
    // list becomes the message's on success, and stays ours on failure.
    guard let list = headerList() else { return RD_KAFKA_RESP_ERR__FAIL }
    let result = key.withMemory { key in
      body.withMemory { body in
        let units = [
          rd_kafka_vu_t(RD_KAFKA_VTYPE_RKT) { $0.rkt = topic },
          rd_kafka_vu_t(RD_KAFKA_VTYPE_PARTITION) { $0.i32 = partition ?? -1 },
          rd_kafka_vu_t(RD_KAFKA_VTYPE_MSGFLAGS) { $0.i = RD_KAFKA_MSG_F_COPY },
          rd_kafka_vu_t(RD_KAFKA_VTYPE_KEY) { $0.mem = .init(ptr: key.base, size: key.count) },
          rd_kafka_vu_t(RD_KAFKA_VTYPE_VALUE) { $0.mem = .init(ptr: body.base, size: body.count) },
          rd_kafka_vu_t(RD_KAFKA_VTYPE_OPAQUE) {
            $0.ptr = UnsafeMutableRawPointer(bitPattern: ticket)
          },
          rd_kafka_vu_t(RD_KAFKA_VTYPE_HEADERS) { $0.headers = list },
        ]
        return code(rd_kafka_produceva(client, units, units.count))
      }
    }
    if result != RD_KAFKA_RESP_ERR_NO_ERROR { rd_kafka_headers_destroy(list) }
    return result
  }

  private func headerList() -> OpaquePointer? {
    guard let list = rd_kafka_headers_new(headers.count) else { return nil }
    for (name, value) in headers {
      value.withUnsafeBytes { value in
        // Copies both. It fails for no memory only.
        _ = rd_kafka_header_add(list, name, -1, value.baseAddress, value.count)
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

extension rd_kafka_vu_t {
  fileprivate init(
    _ type: rd_kafka_vtype_t, _ fill: (inout rd_kafka_vu_s.__Unnamed_union_u) -> Void
  ) {
    self.init()
    vtype = type
    fill(&u)
  }
}

extension Bytes? {
  /// The bytes where they are; no address for nil, which Kafka tells from nothing.
  fileprivate func withMemory<Result>(
    _ body: ((base: UnsafeMutableRawPointer?, count: Int)) -> Result
  ) -> Result {
    guard let bytes = self else { return body((nil, 0)) }
    if bytes.isEmpty {
      var nothing: UInt8 = 0
      return withUnsafeMutableBytes(of: &nothing) { body(($0.baseAddress, 0)) }
    }
    return bytes.withUnsafeBytes { bytes in
      // The library only reads it.
      body((UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count))
    }
  }
}
