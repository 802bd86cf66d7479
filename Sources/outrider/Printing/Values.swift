import EventModel
import Glibc
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

  /// The system's time of day.
  static var now: Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec))
  }
}
