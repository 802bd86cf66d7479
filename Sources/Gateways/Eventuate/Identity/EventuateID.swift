import Encodings
import EventModel

/// Eventuate's 128-bit id of an event, a version, or an entity named by the server:
/// `0000015728f1fa50-0242ac1100ce0002`.
struct EventuateID: Hashable, Sendable, LosslessStringConvertible {
  let high: UInt64
  let low: UInt64

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Parses two hexadecimal numbers of up to 64 bits each, joined by a hyphen; `1-2` is valid.
  init?(_ text: String) {
    let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard parts.count == 2, let high = Self.number(parts[0]), let low = Self.number(parts[1]) else {
      return nil
    }
    self.init(high: high, low: low)
  }

  private static func number(_ digits: Substring.UTF8View) -> UInt64? {
    guard (1...16).contains(digits.count) else { return nil }
    var number: UInt64 = 0
    for digit in digits {
      guard let value = Hexadecimal.value(of: digit) else { return nil }
      number = number << 4 | UInt64(value)
    }
    return number
  }

  /// Always 16 digits, a hyphen and 16 digits, in lower case.
  var description: String { "\(Hexadecimal.encode(high))-\(Hexadecimal.encode(low))" }
}

// MARK: Entities

extension EventuateID {
  /// The 16 bytes of a root, as an id.
  init(_ root: Root) {
    self.init(
      high: UInt64(bigEndianBytes: root.bytes[..<8]), low: UInt64(bigEndianBytes: root.bytes[8...]))
  }

  var root: Root {
    Root(high.bigEndianBytes + low.bigEndianBytes)!  // 8 bytes and 8 bytes
  }
}

// MARK: Events and versions

extension EventuateID {
  /// Numbers of positions stay below 2 to this power; no log will ever have as many commits.
  private static let numberBits = 52

  /// An event's id, which is also the entity's version after it: its place in the log, and its
  /// sequence number. So ids ascend along the log, both as signed numbers and as text.
  init(_ position: Position, _ sequence: SequenceNumber) {
    self.init(
      high: UInt64(position.partition) << Self.numberBits | position.number,
      low: UInt64(sequence.rawValue))
  }

  /// The number of an entity's next event if this is its version; nil if no event can have this
  /// id.
  var expectedNext: SequenceNumber? {
    UInt32(exactly: low).flatMap { SequenceNumber($0).advanced(by: 1) }
  }
}
