import Encodings

/// `grpc-timeout`: up to eight digits and a unit (gRPC, `doc/PROTOCOL-HTTP2.md`, Timeout).
package enum Timeout {
  private static let digitsMax = 8
  private static let valueMax: Int64 = 99_999_999

  /// Parses the header's value; nil if it is malformed.
  package static func parse(_ text: some BidirectionalCollection<UInt8>) -> Duration? {
    let digits = text.dropLast()
    guard let unit = text.last, digits.count <= digitsMax, let value = Int64(digits: digits) else {
      return nil
    }
    return switch unit {
    case UInt8(ascii: "n"): .nanoseconds(value)
    case UInt8(ascii: "u"): .microseconds(value)
    case UInt8(ascii: "m"): .milliseconds(value)
    case UInt8(ascii: "S"): .seconds(value)
    case UInt8(ascii: "M"): .seconds(value * 60)
    case UInt8(ascii: "H"): .seconds(value * 3600)
    default: nil
    }
  }

  /// Formats the value in the finest unit that fits; rounded up, so that the server never gives up
  /// before the client.
  package static func format(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    guard seconds >= 0, attoseconds >= 0 else { return "0n" }
    let units: [(name: String, inSecond: Int64)] = [
      ("n", 1_000_000_000), ("u", 1_000_000), ("m", 1000),
    ]
    for unit in units {
      let (whole, overflow) = seconds.multipliedReportingOverflow(by: unit.inSecond)
      let size = 1_000_000_000_000_000_000 / unit.inSecond
      let part = (attoseconds + size - 1) / size
      if !overflow, whole <= valueMax - part { return "\(whole + part)\(unit.name)" }
    }
    if seconds < valueMax { return "\(seconds + (attoseconds > 0 ? 1 : 0))S" }
    return seconds / 60 < valueMax
      ? "\(seconds / 60 + 1)M" : "\(min(seconds / 3600 + 1, valueMax))H"
  }
}
