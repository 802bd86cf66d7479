import CRabbitMQ
import EventSourcing
import Glibc

/// An AMQP 0-9-1 connection of librabbitmq, open while this object lives. For one thread.
final class AMQPConnection {
  /// librabbitmq's connection; valid while this object lives.
  let state: amqp_connection_state_t
  let address: RabbitMQAddress
  private(set) var descriptor: Int32 = -1
  /// Reused memory for the table of a message's headers.
  private var entries: [amqp_table_entry_t] = []

  /// Connects and logs in. Blocks for at most a few times `Limits.connectTimeoutSeconds`.
  init(to address: RabbitMQAddress) throws(ChannelError) {
    guard let state = amqp_new_connection() else {
      throw ChannelError(.unavailable, "no memory for a connection to RabbitMQ")
    }
    self.state = state
    self.address = address
    try open()
  }

  // Also closes the socket.
  deinit { amqp_destroy_connection(state) }

  private func open() throws(ChannelError) {
    var timeout = timeval(tv_sec: Limits.connectTimeoutSeconds, tv_usec: 0)
    amqp_set_handshake_timeout(state, &timeout)
    amqp_set_rpc_timeout(state, &timeout)
    // The connection owns the socket.
    guard let socket = try address.isSecure ? secureSocket() : amqp_tcp_socket_new(state) else {
      throw ChannelError(.unavailable, "no memory for a connection to RabbitMQ")
    }
    let code = amqp_socket_open_noblock(socket, address.host, Int32(address.port), &timeout)
    try check(code, "the connection")
    let login = outrider_amqp_login(
      state, address.virtualHost, Limits.heartbeatSeconds, address.user, address.password)
    let what = "the login of \(address.user) to virtual host \(address.virtualHost)"
    if let error = ChannelError(login, what, at: address) {
      // The broker's text does not say why it refused a login, or it only closes the socket.
      if error.code == .unavailable { throw error }
      throw ChannelError(
        .notPermitted,
        "\(address.description): \(what) was refused: see user, password and virtual host")
    }
    descriptor = amqp_get_sockfd(state)
  }

  private func secureSocket() throws(ChannelError) -> OpaquePointer? {
    guard let socket = amqp_ssl_socket_new(state) else { return nil }
    amqp_ssl_socket_set_verify_peer(socket, 1)
    amqp_ssl_socket_set_verify_hostname(socket, 1)
    try check(amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST), "TLS")
    if let authorities = address.authorities {
      try check(amqp_ssl_socket_set_cacert(socket, authorities), "reading \(authorities)")
    }
    if let certificate = address.certificate, let key = address.key {
      try check(amqp_ssl_socket_set_key(socket, certificate, key), "reading \(certificate)")
    }
    return socket
  }

  /// Returns the next frame; nil on timeout. Valid until `release` is called for its channel.
  func nextFrame(withinSeconds seconds: Int = 0) throws(ChannelError) -> amqp_frame_t? {
    var frame = amqp_frame_t()
    var timeout = timeval(tv_sec: seconds, tv_usec: 0)
    let code = amqp_simple_wait_frame_noblock(state, &frame, &timeout)
    if code == AMQP_STATUS_TIMEOUT.rawValue { return nil }
    try check(code, "the connection")
    return frame
  }

  /// Frees the memory of a channel's frames.
  func release(_ channel: UInt16) { amqp_maybe_release_buffers_on_channel(state, channel) }

  // MARK: Declarations. Each waits for the broker's answer.

  func openChannel(_ channel: UInt16) throws(ChannelError) {
    amqp_channel_open(state, channel)
    try checkReply("a channel")
  }

  func closeChannel(_ channel: UInt16) {
    amqp_channel_close(state, channel, AMQP_REPLY_SUCCESS)
  }

  /// Acknowledges that the broker closed the channel.
  func confirmClosing(_ channel: UInt16) {
    var answer = amqp_channel_close_ok_t()
    amqp_send_method(state, channel, outrider_channel_close_ok, &answer)
  }

  func declareExchange(
    _ channel: UInt16, _ name: String, type: String
  ) throws(ChannelError) {
    name.withAMQP { name in
      type.withAMQP { type in
        _ = amqp_exchange_declare(state, channel, name, type, 0, 1, 0, 0, amqp_empty_table)
      }
    }
    try checkReply("exchange \(name)")
  }

  /// - Returns: the number of waiting messages.
  @discardableResult
  func declareQueue(_ channel: UInt16, _ name: String) throws(ChannelError) -> Int {
    let answer = name.withAMQP { queue in
      "x-queue-type".withAMQP { key in
        (address.hasQuorumQueues ? "quorum" : "classic").withAMQP { kind in
          var entry = amqp_table_entry_t()
          entry.key = key
          entry.value.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
          entry.value.value.bytes = kind
          return withUnsafeMutablePointer(to: &entry) { entry in
            // Classic queues have no arguments, as other clients declare them.
            let arguments = amqp_table_t(
              num_entries: address.hasQuorumQueues ? 1 : 0, entries: entry)
            return amqp_queue_declare(state, channel, queue, 0, 1, 0, 0, arguments)
          }
        }
      }
    }
    try checkReply("queue \(name)")
    return Int(answer?.pointee.message_count ?? 0)
  }

  /// Takes a lock until the connection ends, as an exclusive queue.
  ///
  /// - Returns: false if another connection holds it. The channel is then closed.
  func lock(_ channel: UInt16, _ name: String) throws(ChannelError) -> Bool {
    name.withAMQP { queue in
      _ = amqp_queue_declare(state, channel, queue, 0, 0, 1, 0, amqp_empty_table)
    }
    let reply = amqp_get_rpc_reply(state)
    if reply.isLocked {
      confirmClosing(channel)
      return false
    }
    try check(reply, "queue \(name)")
    return true
  }

  func bind(
    _ channel: UInt16, queue: String, to exchange: String, key: String
  ) throws(ChannelError) {
    queue.withAMQP { queue in
      exchange.withAMQP { exchange in
        key.withAMQP { key in
          _ = amqp_queue_bind(state, channel, queue, exchange, key, amqp_empty_table)
        }
      }
    }
    try checkReply("binding \(queue) to exchange \(exchange)")
  }

  func selectConfirms(_ channel: UInt16) throws(ChannelError) {
    amqp_confirm_select(state, channel)
    try checkReply("confirms")
  }

  func consume(_ channel: UInt16, queue: String, prefetch: UInt16) throws(ChannelError) {
    amqp_basic_qos(state, channel, 0, prefetch, 0)
    try checkReply("a prefetch of \(prefetch)")
    queue.withAMQP { queue in
      _ = amqp_basic_consume(state, channel, queue, amqp_empty_bytes, 0, 0, 0, amqp_empty_table)
    }
    try checkReply("queue \(queue)")
  }

  /// Gets a queue's next message; nil if it is empty. Closing the channel without an
  /// acknowledgement returns the message to its place.
  func get(_ channel: UInt16, queue: String) throws(ChannelError) -> IncomingContent? {
    let reply = queue.withAMQP { amqp_basic_get(state, channel, $0, 0) }
    defer { release(channel) }
    try check(reply, "queue \(queue)")
    guard reply.reply.id == outrider_basic_get_ok,
      let got = reply.reply.decoded?.assumingMemoryBound(to: amqp_basic_get_ok_t.self).pointee
    else { return nil }
    var content = IncomingContent()
    content.begin(.deliver(tag: got.delivery_tag))
    while let frame = try nextFrame(withinSeconds: Limits.connectTimeoutSeconds) {
      if frame.channel == channel, content.take(frame) { return content }
    }
    throw ChannelError(.unavailable, "\(address.description): queue \(queue): no answer")
  }

  // MARK: Messages. None waits for an answer.

  func publish(
    _ message: OutgoingMessage, to exchange: String, key: String, on channel: UInt16
  ) throws(ChannelError) {
    let code = message.withProperties(&entries) { properties, body in
      exchange.withAMQP { exchange in
        key.withAMQP { key in
          amqp_basic_publish(state, channel, exchange, key, 1, 0, properties, body)
        }
      }
    }
    try check(code, "publishing")
  }

  func acknowledge(_ tag: UInt64, upTo: Bool, on channel: UInt16) throws(ChannelError) {
    try check(amqp_basic_ack(state, channel, tag, upTo ? 1 : 0), "acknowledging")
  }

  // MARK: Errors

  private func check(_ code: Int32, _ what: @autoclosure () -> String) throws(ChannelError) {
    guard code == AMQP_STATUS_OK.rawValue else {
      throw ChannelError(library: code, what(), at: address)
    }
  }

  private func check(
    _ reply: amqp_rpc_reply_t, _ what: @autoclosure () -> String
  ) throws(ChannelError) {
    if let error = ChannelError(reply, what(), at: address) { throw error }
  }

  private func checkReply(_ what: @autoclosure () -> String) throws(ChannelError) {
    try check(amqp_get_rpc_reply(state), what())
  }
}

extension String {
  /// Lends the text in librabbitmq's form, valid within `body`.
  func withAMQP<Result>(_ body: (amqp_bytes_t) -> Result) -> Result {
    var text = self
    return text.withUTF8 { utf8 in
      // librabbitmq does not write to its arguments.
      body(
        amqp_bytes_t(
          len: utf8.count, bytes: UnsafeMutableRawPointer(mutating: utf8.baseAddress)))
    }
  }
}
