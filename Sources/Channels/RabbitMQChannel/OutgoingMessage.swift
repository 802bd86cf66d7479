import CRabbitMQ
import EventModel
import Wire

/// A message to publish. The sender encodes it; the connection's thread only copies bytes.
struct OutgoingMessage: Sendable {
  /// Returned with a message that cannot be routed.
  let id: String
  let body: Bytes
  private var headers = MessageHeaders()

  init(id: String, body: Bytes, headers: [MessageHeader]) {
    (self.id, self.body) = (id, body)
    for header in headers { append(header) }
  }

  init(_ recorded: RecordedCommit) {
    // The AMQP binding's prefix, in the form without a colon (CloudEvents AMQP binding 1.0.2).
    let message = EventMessage(recorded, cloudEvents: "cloudEvents_")
    id = String(recorded.position.number)
    (body, headers) = (message.body, message.headers)
  }

  /// A received message to publish again, without the headers of dead letters.
  init(_ content: IncomingContent) {
    let headers = content.headers.filter { !LetterHeaders.contain($0.key) }
    self.init(
      id: content.messageID ?? "", body: content.body,
      headers: headers.map { (name: $0.key, value: $0.value) })
  }

  mutating func append(_ header: MessageHeader) { headers.append(header.name, header.value) }

  /// Lends the properties of a persistent message, with all headers, and the body.
  ///
  /// - Parameter entries: memory for the headers' table, reused for the next message.
  func withProperties(
    _ entries: inout [amqp_table_entry_t],
    _ body: (UnsafePointer<amqp_basic_properties_t>, amqp_bytes_t) -> Int32
  ) -> Int32 {
    if entries.count < headers.count {
      entries = Array(repeating: amqp_table_entry_t(), count: headers.count)
    }
    return headers.withUnsafeBytes { bytes in
      func part(_ place: Range<Int>) -> amqp_bytes_t {
        amqp_bytes_t(
          len: place.count,
          bytes: UnsafeMutableRawPointer(
            mutating: bytes.baseAddress.map { $0 + place.lowerBound }))
      }
      for index in headers.indices {
        let (name, value) = headers.places(of: index)
        entries[index].key = part(name)
        entries[index].value.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
        entries[index].value.value.bytes = part(value)
      }
      return entries.withUnsafeMutableBufferPointer { entries in
        call(
          amqp_table_t(num_entries: Int32(headers.count), entries: entries.baseAddress), body)
      }
    }
  }

  private func call(
    _ table: amqp_table_t, _ body: (UnsafePointer<amqp_basic_properties_t>, amqp_bytes_t) -> Int32
  ) -> Int32 {
    EventMessage.contentType.withAMQP { contentType in
      id.withAMQP { id in
        var properties = amqp_basic_properties_t()
        properties._flags =
          UInt32(AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_HEADERS_FLAG)
          | UInt32(AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG)
        properties.content_type = contentType
        properties.delivery_mode = 2
        properties.headers = table
        properties.message_id = id
        return self.body.withUnsafeBytes { content in
          body(
            &properties,
            amqp_bytes_t(
              len: content.count, bytes: UnsafeMutableRawPointer(mutating: content.baseAddress)))
        }
      }
    }
  }
}
