import CRdKafka
import EventModel
import EventSourcing
import Wire

/// A message as it comes in: a view of the library's memory, for the thread that polls.
struct IncomingMessage {
  private let message: UnsafePointer<rd_kafka_message_t>

  init(_ message: UnsafePointer<rd_kafka_message_t>) { self.message = message }

  var partition: Int32 { message.pointee.partition }
  var offset: Int64 { message.pointee.offset }
  var byteCount: Int { message.pointee.len }
  /// Milliseconds since 1970; -1 where the broker keeps none.
  var timestamp: Int64 { rd_kafka_message_timestamp(message, nil) }

  private var body: Bytes { Bytes(message.pointee.payload, message.pointee.len) }

  private var headers: OpaquePointer? {
    var headers: OpaquePointer?
    // They stay the message's.
    let code = rd_kafka_message_headers(message, &headers)
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ? headers : nil
  }

  private func header(_ name: String) -> String? {
    guard let headers else { return nil }
    var value: UnsafeRawPointer?
    var size = 0
    guard rd_kafka_header_get_last(headers, name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR
    else { return nil }
    return String(decoding: UnsafeRawBufferPointer(start: value, count: size), as: UTF8.self)
  }

  /// Reads it for a partition's consumer of a group.
  ///
  /// - Returns: nil for a message that another consumer takes.
  func content(
    for domain: Name, partition: UInt32, group: String
  ) -> ChannelDelivery.Content? {
    guard header(KafkaLetter.retryName) ?? group == group else { return nil }
    let named = header("outrider-partition")
    // One that says nothing is the first partition's, so that one consumer sets it aside.
    guard UInt32(named ?? "0") ?? 0 == partition else { return nil }
    do {
      let commit = try RecordedCommit(
        message: body, commitID: header(EventMessage.commitIDHeader))
      guard commit.position.partition == partition else { return nil }
      return .commit(commit)
    } catch {
      return .malformed("it is no event book of Outrider: \(error)")
    }
  }

  /// A copy that can be published, with all headers.
  var copy: OutgoingMessage {
    let key = message.pointee.key.map { Bytes($0, message.pointee.key_len) }
    let body = message.pointee.payload.map { Bytes($0, message.pointee.len) }
    var all: [(name: String, value: Bytes)] = []
    var name: UnsafePointer<CChar>?
    var value: UnsafeRawPointer?
    var size = 0
    if let headers {
      while rd_kafka_header_get_all(headers, all.count, &name, &value, &size)
        == RD_KAFKA_RESP_ERR_NO_ERROR
      {
        all.append((String(text: name), Bytes(value, size)))
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
