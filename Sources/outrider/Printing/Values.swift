import EventModel
import JSON

extension Cover {
  /// The aggregate, as members of a JSON object.
  var members: [JSONValue.Member] {
    [.init("domain", .string(domain.text)), .init("root", .string(root.description))]
  }
}

extension Position {
  /// The place in the log, as members of a JSON object.
  var members: [JSONValue.Member] {
    [.init("partition", .integer(partition)), .init("position", .integer(number))]
  }
}

extension Timestamp {
  /// As RFC 3339 has it; the bare seconds where the year is beyond that.
  var text: String {
    RFC3339(seconds: seconds, nanoseconds: nanoseconds)?.text(fractionDigits: 3) ?? "\(seconds)s"
  }
}

/// The text with blanks after it, so that columns stand below each other.
func padded(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}
