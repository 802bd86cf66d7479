import CRabbitMQ
import EventSourcing

extension ChannelError {
  /// The failure of a call to librabbitmq.
  ///
  /// - Parameter what: the failed action or object, as a noun: "the connection".
  init(library code: Int32, _ what: String, at address: RabbitMQAddress) {
    let reason = String(cString: amqp_error_string2(code))
    let isPermission =
      code == AMQP_STATUS_SSL_PEER_VERIFY_FAILED.rawValue
      || code == AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED.rawValue
    self.init(
      isPermission ? .notPermitted : .unavailable,
      "\(address.description): \(what) failed: \(reason)")
  }

  /// The broker closed a channel or the connection, with this reason.
  init(
    closing code: UInt16, _ text: String, _ what: String, at address: RabbitMQAddress
  ) {
    // AMQP 0-9-1's reply codes: 403 access refused, 404 not found, 406 precondition failed, 530 not
    // allowed; 311 content too large.
    let isTooLarge = code == 311 || text.contains("larger than")
    let isLate = text.contains("timed out")
    let advice: String? =
      switch code {
      case _ where isTooLarge: "see the broker's max_message_size"
      case _ where isLate: "see the broker's consumer_timeout"
      case 403: "give the user \(address.user) the rights to configure, write and read it"
      case 404, 406:
        "it exists with other arguments, or does not exist: delete it, or name another in the "
          + "channel's URI"
      case 530: "see user, virtual host and rights"
      default: nil
      }
    let kind: Code =
      switch code {
      case _ where isTooLarge: .refused
      case _ where isLate: .unavailable
      case 403, 404, 405, 406, 530: .notPermitted
      default: .unavailable
      }
    self.init(
      kind,
      "\(address.description): \(what): \(code) \(text)"
        + (advice.map { "\(text.hasSuffix(".") ? "" : ".") To do: \($0)" } ?? ""))
  }

  /// The failure in a reply; nil if it succeeded.
  init?(_ reply: amqp_rpc_reply_t, _ what: String, at address: RabbitMQAddress) {
    switch reply.reply_type {
    case AMQP_RESPONSE_NORMAL: return nil
    case AMQP_RESPONSE_SERVER_EXCEPTION:
      self.init(closing: reply.reply, what, at: address)
    case AMQP_RESPONSE_LIBRARY_EXCEPTION:
      self.init(library: reply.library_error, what, at: address)
    default: self.init(.unavailable, "\(address.description): \(what): the connection is gone")
    }
  }

  init(closing method: amqp_method_t, _ what: String, at address: RabbitMQAddress) {
    guard let decoded = method.decoded else {
      self.init(.unavailable, "\(address.description): \(what): the broker closed the connection")
      return
    }
    switch method.id {
    case outrider_channel_close:
      let close = decoded.assumingMemoryBound(to: amqp_channel_close_t.self).pointee
      self.init(closing: close.reply_code, String(close.reply_text), what, at: address)
    case outrider_connection_close:
      let close = decoded.assumingMemoryBound(to: amqp_connection_close_t.self).pointee
      self.init(closing: close.reply_code, String(close.reply_text), what, at: address)
    default:
      self.init(.unavailable, "\(address.description): \(what): the broker answered something else")
    }
  }
}

extension amqp_rpc_reply_t {
  /// Whether the broker closed the channel because another connection has exclusive use of the
  /// queue (405, resource locked).
  var isLocked: Bool {
    guard reply_type == AMQP_RESPONSE_SERVER_EXCEPTION, reply.id == outrider_channel_close,
      let close = reply.decoded?.assumingMemoryBound(to: amqp_channel_close_t.self)
    else { return false }
    return close.pointee.reply_code == 405
  }
}

extension String {
  /// Copies an `amqp_bytes_t`.
  init(_ bytes: amqp_bytes_t) {
    self = String(decoding: Array(bytes), as: UTF8.self)
  }
}

extension [UInt8] {
  /// Copies an `amqp_bytes_t`.
  init(_ bytes: amqp_bytes_t) {
    self = Array(UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len))
  }
}
