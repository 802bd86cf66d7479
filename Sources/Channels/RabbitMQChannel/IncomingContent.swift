import CRabbitMQ
import EventModel

/// A message being received: a method, its properties, and a body in pieces (AMQP 0-9-1 section
/// 4.2.6). One for each channel, because frames of different channels are interleaved.
struct IncomingContent {
  enum Method {
    case deliver(tag: UInt64)
    case returned(code: UInt16, text: String)
  }

  private(set) var method: Method?
  private(set) var messageID: String?
  private(set) var headers: [String: String] = [:]
  private(set) var body: Bytes = []
  private var expected = 0

  /// The tag for acknowledgement; 0 if it is no delivery.
  var tag: UInt64 {
    if case .deliver(let tag)? = method { tag } else { 0 }
  }

  /// Starts a new message.
  mutating func begin(_ method: Method) {
    self = IncomingContent()
    self.method = method
  }

  /// Adds a frame of properties or body.
  ///
  /// - Returns: whether the message is complete.
  mutating func take(_ frame: amqp_frame_t) -> Bool {
    switch Int32(frame.frame_type) {
    case AMQP_FRAME_HEADER:
      expected = Int(clamping: frame.payload.properties.body_size)
      body.reserveCapacity(min(expected, 1 << 20))
      if let decoded = frame.payload.properties.decoded {
        read(decoded.assumingMemoryBound(to: amqp_basic_properties_t.self).pointee)
      }
    case AMQP_FRAME_BODY: body += Bytes(frame.payload.body_fragment)
    default: return false
    }
    return body.count >= expected
  }

  private mutating func read(_ properties: amqp_basic_properties_t) {
    if properties._flags & UInt32(AMQP_BASIC_MESSAGE_ID_FLAG) != 0 {
      messageID = String(properties.message_id)
    }
    guard properties._flags & UInt32(AMQP_BASIC_HEADERS_FLAG) != 0 else { return }
    let table = UnsafeBufferPointer(
      start: properties.headers.entries, count: Int(properties.headers.num_entries))
    for entry in table where Int32(entry.value.kind) == Int32(AMQP_FIELD_KIND_UTF8.rawValue) {
      headers[String(entry.key)] = String(entry.value.value.bytes)
    }
  }
}
