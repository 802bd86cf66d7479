import CRabbitMQ
import Glibc

/// A publisher on librabbitmq and nothing else: what the relay is measured against.
final class RawRabbitMQ {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let connection: amqp_connection_state_t
  private let exchange: String
  private let queue: String
  private var lastTag: UInt64 = 0

  init(_ uri: String, exchange: String) throws {
    self.exchange = exchange
    queue = exchange
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
    with(exchange) { exchange in
      with("topic") { type in
        _ = amqp_exchange_declare(connection, 1, exchange, type, 0, 1, 0, 0, amqp_empty_table)
      }
    }
    amqp_confirm_select(connection, 1)
    try check("declaring")
  }

  deinit { amqp_destroy_connection(connection) }

  func makeQueue(key: String) throws {
    with(queue) { queue in
      _ = amqp_queue_declare(connection, 1, queue, 0, 1, 0, 0, amqp_empty_table)
      with(exchange) { exchange in
        with(key) { key in
          _ = amqp_queue_bind(connection, 1, queue, exchange, key, amqp_empty_table)
        }
      }
    }
    try check("queue \(queue)")
  }

  func deleteQueue() throws {
    with(queue) { _ = amqp_queue_delete(connection, 1, $0, 0, 0) }
    try check("queue \(queue)")
  }

  func deleteExchange() throws {
    with(exchange) { _ = amqp_exchange_delete(connection, 1, $0, 0) }
    try check("exchange \(exchange)")
  }

  /// Publishes so many messages of that size, persistent and mandatory, and waits for all confirms.
  func publish(_ count: Int, bytes: Int, window: Int, key: String) throws {
    let body = [UInt8](repeating: 7, count: bytes)
    var outstanding = 0
    var properties = amqp_basic_properties_t()
    properties._flags = UInt32(AMQP_BASIC_DELIVERY_MODE_FLAG)
    properties.delivery_mode = 2
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
