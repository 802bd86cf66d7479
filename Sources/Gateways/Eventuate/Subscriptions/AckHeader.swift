import JSON

/// The `ack` header of a MESSAGE, which identifies the message and its connection.
///
/// It must be JSON with `receiptHandle.subscriberId`, and without escapes: some clients read it,
/// and do not decode all escapes. An acknowledgement from an earlier connection names that one,
/// so it is not mistaken for one of this connection.
struct AckHeader: Equatable, Sendable {
  let connection: String
  let number: UInt64

  func text(for subscriber: SubscriberName) -> String {
    let value: JSONValue = [
      "receiptHandle": ["subscriberId": .string(subscriber.id)], "c": .string(connection),
      "n": .integer(number),
    ]
    return value.text
  }

  init(connection: String, number: UInt64) {
    self.connection = connection
    self.number = number
  }

  /// Nil if the text is no such header. A number alone is a `message-id` of this connection.
  init?(_ text: String, on connection: String) {
    if let number = UInt64(text) {
      self.init(connection: connection, number: number)
      return
    }
    guard let value = try? JSONValue.parse(Array(text.utf8)),
      case .string(let connection)? = value["c"], case .number(let digits)? = value["n"],
      let number = UInt64(digits)
    else { return nil }
    self.init(connection: connection, number: number)
  }
}
