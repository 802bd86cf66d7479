import CRabbitMQ
import EventModel
import Wire

/// A message on its way to the broker. The sender encodes it; the connection's thread copies bytes.
struct OutgoingMessage: Sendable {
  /// Comes back with a message that cannot be routed.
  let id: String
  let body: Bytes
  /// Names and values of all headers, one behind the other.
  private var text: Bytes = []
  /// Where each ends in `text`: name, value, name, value, …
  private var ends: [Int] = []

  init(id: String, body: Bytes, headers: [EventMessage.Header]) {
    self.id = id
    self.body = body
    for header in headers { append(header) }
  }

  init(_ recorded: RecordedCommit) {
    let message = EventMessage(recorded)
    self.init(id: "\(recorded.position.number)", body: message.body, headers: message.headers)
    // The AMQP binding's prefix, in the form without a colon (CloudEvents AMQP binding 1.0.2).
    for (name, value) in message.cloudEvent { append(("cloudEvents_" + name, value)) }
  }

  /// A message that came in, to be published again, without what dead letters are marked with.
  init(_ content: IncomingContent) {
    let headers = content.headers.filter { !LetterHeaders.contain($0.key) }
    self.init(
      id: content.messageID ?? "", body: content.body,
      headers: headers.map { (name: $0.key, value: $0.value) })
  }

  mutating func append(_ header: EventMessage.Header) {
    text += header.name.utf8
    ends.append(text.count)
    text += header.value.utf8
    ends.append(text.count)
  }

  /// Persistent, with all headers.
  ///
  /// - Parameter entries: room for the headers' table, used again for the next message.
  func withProperties(
    _ entries: inout [amqp_table_entry_t],
    _ body: (UnsafePointer<amqp_basic_properties_t>, amqp_bytes_t) -> Int32
  ) -> Int32 {
    if entries.count < ends.count / 2 {
      entries = Array(repeating: amqp_table_entry_t(), count: ends.count / 2)
    }
    return text.withUnsafeBytes { text in
      var start = 0
      func next(_ index: Int) -> amqp_bytes_t {
        defer { start = ends[index] }
        return amqp_bytes_t(
          len: ends[index] - start,
          bytes: UnsafeMutableRawPointer(mutating: text.baseAddress.map { $0 + start }))
      }
      for index in 0..<ends.count / 2 {
        entries[index].key = next(2 * index)
        entries[index].value.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
        entries[index].value.value.bytes = next(2 * index + 1)
      }
      return entries.withUnsafeMutableBufferPointer { entries in
        call(amqp_table_t(num_entries: Int32(ends.count / 2), entries: entries.baseAddress), body)
      }
    }
  }

  private func call(
    _ headers: amqp_table_t, _ body: (UnsafePointer<amqp_basic_properties_t>, amqp_bytes_t) -> Int32
  ) -> Int32 {
    EventMessage.contentType.withAMQP { contentType in
      id.withAMQP { id in
        var properties = amqp_basic_properties_t()
        properties._flags =
          UInt32(AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_HEADERS_FLAG)
          | UInt32(AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG)
        properties.content_type = contentType
        properties.delivery_mode = 2
        properties.headers = headers
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
