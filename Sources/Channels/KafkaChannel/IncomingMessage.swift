import CRdKafka
import EventModel
import Wire

/// A received message: a view of the library's memory, for the polling thread.
struct IncomingMessage {
  private let message: UnsafePointer<rd_kafka_message_t>

  init(_ message: UnsafePointer<rd_kafka_message_t>) { self.message = message }

  var partition: Int32 { message.pointee.partition }
  var offset: Int64 { message.pointee.offset }
  var byteCount: Int { message.pointee.len }
  /// Milliseconds since 1970; -1 if the broker stores none.
  var timestamp: Int64 { rd_kafka_message_timestamp(message, nil) }

  var body: Bytes { Bytes(message.pointee.payload, message.pointee.len) }

  private var headers: OpaquePointer? {
    var headers: OpaquePointer?
    // The message owns them.
    let code = rd_kafka_message_headers(message, &headers)
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ? headers : nil
  }

  func header(_ name: String) -> String? {
    guard let headers else { return nil }
    var value: UnsafeRawPointer?
    var size = 0
    guard rd_kafka_header_get_last(headers, name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR
    else { return nil }
    return String(decoding: UnsafeRawBufferPointer(start: value, count: size), as: UTF8.self)
  }

  /// Whether it is a letter retried for another group.
  func isRetry(forOtherThan group: String) -> Bool {
    header(KafkaLetter.retryName).map { $0 != group } ?? false
  }

  /// A copy with all headers, ready to publish.
  var copy: OutgoingMessage {
    let key = message.pointee.key.map { Bytes($0, message.pointee.key_len) }
    let body = message.pointee.payload.map { Bytes($0, message.pointee.len) }
    var all = MessageHeaders()
    var name: UnsafePointer<CChar>?
    var value: UnsafeRawPointer?
    var size = 0
    if let headers {
      while rd_kafka_header_get_all(headers, all.count, &name, &value, &size)
        == RD_KAFKA_RESP_ERR_NO_ERROR
      {
        all.append(String(text: name), Bytes(value, size))
      }
    }
    return OutgoingMessage(key: key, body: body, headers: all)
  }
}

extension Bytes {
  fileprivate init(_ start: UnsafeRawPointer?, _ count: Int) {
    self.init(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
  }
}
