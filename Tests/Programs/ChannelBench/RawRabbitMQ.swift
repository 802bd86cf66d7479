import CRabbitMQ
import Glibc

/// A publisher on librabbitmq and nothing else.
final class RawRabbitMQ: RawPublisher {
  let name = "librabbitmq"
  private let connection: amqp_connection_state_t
  private let key: String
  private var exchange = ""
  private var lastTag: UInt64 = 0

  /// - Parameter key: the routing key of its messages.
  init(_ uri: String, key: String) throws {
    self.key = key
    connection = amqp_new_connection()
    var parsed = amqp_connection_info()
    let text = strdup(uri)
    defer { free(text) }
    guard amqp_parse_url(text, &parsed) == 0,
      amqp_socket_open(amqp_tcp_socket_new(connection), parsed.host, parsed.port) == 0
    else { throw Failure(description: "no broker at \(uri)") }
    // librabbitmq takes a URI that ends with a slash for one of a virtual host without a name.
    let host = String(cString: parsed.vhost)
    _ = outrider_amqp_login(
      connection, host.isEmpty ? "/" : host, 0, parsed.user, parsed.password)
    amqp_channel_open(connection, 1)
    amqp_confirm_select(connection, 1)
    try check("logging in")
  }

  deinit { amqp_destroy_connection(connection) }

  /// An exchange, and a queue of the same name that gets everything with the key.
  func prepare(_ topic: String) throws {
    exchange = topic
    with(topic) { name in
      with("topic") { type in
        _ = amqp_exchange_declare(connection, 1, name, type, 0, 1, 0, 0, amqp_empty_table)
      }
      _ = amqp_queue_declare(connection, 1, name, 0, 1, 0, 0, amqp_empty_table)
      with(key) { key in _ = amqp_queue_bind(connection, 1, name, name, key, amqp_empty_table) }
    }
    try check("declaring \(topic)")
  }

  func finish() throws {
    with(exchange) { name in
      _ = amqp_queue_delete(connection, 1, name, 0, 0)
      _ = amqp_exchange_delete(connection, 1, name, 0)
    }
    try check("deleting \(exchange)")
  }

  /// Persistent and mandatory.
  func publish(_ count: Int, _ message: SampleMessage, window: Int) throws {
    // The table has addresses of its texts, which stay until it ends.
    let texts = message.headers.map { (name: strdup($0.name), value: strdup($0.value)) }
    defer {
      for text in texts {
        free(text.name)
        free(text.value)
      }
    }
    var entries = texts.map { text in
      var entry = amqp_table_entry_t()
      entry.key = amqp_cstring_bytes(text.name)
      entry.value.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
      entry.value.value.bytes = amqp_cstring_bytes(text.value)
      return entry
    }
    try entries.withUnsafeMutableBufferPointer { entries in
      var properties = amqp_basic_properties_t()
      properties._flags = UInt32(AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_HEADERS_FLAG)
      properties.delivery_mode = 2
      properties.headers = amqp_table_t(
        num_entries: Int32(entries.count), entries: entries.baseAddress)
      try publish(count, message.body, properties, window: window)
    }
  }

  private func publish(
    _ count: Int, _ body: [UInt8], _ properties: amqp_basic_properties_t, window: Int
  ) throws {
    var properties = properties
    var outstanding = 0
    for _ in 0..<count {
      while outstanding >= window { outstanding -= try confirmed() }
      let code = with(exchange) { exchange in
        with(key) { key in
          body.withUnsafeBytes { body in
            amqp_basic_publish(
              connection, 1, exchange, key, 1, 0, &properties,
              amqp_bytes_t(
                len: body.count, bytes: UnsafeMutableRawPointer(mutating: body.baseAddress)))
          }
        }
      }
      guard code == 0 else { throw Failure(description: "publishing failed: \(code)") }
      outstanding += 1
    }
    while outstanding > 0 { outstanding -= try confirmed() }
  }

  /// Waits for a confirm: of how many messages.
  private func confirmed() throws -> Int {
    amqp_maybe_release_buffers(connection)
    var frame = amqp_frame_t()
    guard amqp_simple_wait_frame(connection, &frame) == 0,
      frame.payload.method.id == outrider_basic_ack,
      let ack = frame.payload.method.decoded?.assumingMemoryBound(to: amqp_basic_ack_t.self)
    else { throw Failure(description: "the broker answered something else than a confirm") }
    defer { lastTag = max(lastTag, ack.pointee.delivery_tag) }
    return ack.pointee.multiple != 0 ? Int(ack.pointee.delivery_tag - lastTag) : 1
  }

  private func check(_ what: String) throws {
    let reply = amqp_get_rpc_reply(connection)
    guard reply.reply_type == AMQP_RESPONSE_NORMAL else {
      throw Failure(description: "\(what) failed")
    }
  }

  private func with<Result>(_ text: String, _ body: (amqp_bytes_t) -> Result) -> Result {
    var text = text
    return text.withUTF8 { utf8 in
      body(
        amqp_bytes_t(
          len: utf8.count, bytes: UnsafeMutableRawPointer(mutating: utf8.baseAddress)))
    }
  }
}
