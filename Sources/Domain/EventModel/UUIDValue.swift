import Encodings

/// The 16 bytes of a UUID of any version (RFC 9562).
struct UUIDValue: Hashable, Sendable {
  static let byteCount = 16

  let high: UInt64
  let low: UInt64

  /// Nil unless there are exactly 16 bytes.
  init?(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    let raw = UnsafeRawBufferPointer(bytes)
    high = UInt64(bigEndian: raw.loadUnaligned(as: UInt64.self))
    low = UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
  }

  private init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// All bits zero (section 5.9).
  static let `nil` = UUIDValue(high: 0, low: 0)

  /// The 16 bytes, most significant first.
  var bytes: Bytes { withBytes { Bytes($0) } }

  /// The 16 bytes, without an allocation.
  func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var bigEndian = (high.bigEndian, low.bigEndian)
    return try withUnsafeBytes(of: &bigEndian, body)
  }

  /// A new UUID of version 7 (section 5.7) for the given time: later ones sort behind earlier
  /// ones.
  static func timeOrdered(
    at time: Timestamp, using random: inout some RandomNumberGenerator
  ) -> UUIDValue {
    let milliseconds = UInt64(clamping: time.seconds * 1000 + Int64(time.nanoseconds / 1_000_000))
    return UUIDValue(
      high: milliseconds << 16 | 0x7000 | random.next() & 0x0FFF,
      low: 0x8000_0000_0000_0000 | random.next() & 0x3FFF_FFFF_FFFF_FFFF)
  }

  /// The creation time of a version 7 UUID, in milliseconds since 1970; nil for other versions.
  var milliseconds: UInt64? { high & 0xF000 == 0x7000 ? high >> 16 : nil }

  /// A new UUID of version 4 (section 5.4).
  static func random(using random: inout some RandomNumberGenerator) -> UUIDValue {
    UUIDValue(
      high: random.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000,
      low: 0x8000_0000_0000_0000 | random.next() & 0x3FFF_FFFF_FFFF_FFFF)
  }
}

extension UUIDValue: LosslessStringConvertible {
  /// Parses a UUID with or without hyphens, also as a URN (RFC 9562 section 4):
  /// `urn:uuid:0190163d-8694-739b-aea5-966c26f8ad91`. Nil for anything else.
  init?(_ text: String) {
    let urn = ["urn:uuid:", "URN:UUID:"].first { text.hasPrefix($0) } ?? ""
    var digits = Array(text.utf8.dropFirst(urn.utf8.count))
    if digits.count == 36 {
      for place in [23, 18, 13, 8] {
        guard digits.remove(at: place) == UInt8(ascii: "-") else { return nil }
      }
    }
    guard digits.count == 32,
      let value = Hexadecimal.decode(digits)?.withUnsafeBufferPointer({ UUIDValue($0) })
    else { return nil }
    self = value
  }

  /// The UUID with hyphens: `0190163d-8694-739b-aea5-966c26f8ad91`.
  var description: String {
    String(unsafeUninitializedCapacity: 36) { text in
      var end = 0
      for place in 0..<32 {
        if place == 8 || place == 12 || place == 16 || place == 20 {
          text[end] = UInt8(ascii: "-")
          end += 1
        }
        let half = place < 16 ? high : low
        let digit = UInt8(truncatingIfNeeded: half >> UInt64(60 - place % 16 * 4) & 15)
        text[end] = Hexadecimal.digit(digit)
        end += 1
      }
      return end
    }
  }
}
