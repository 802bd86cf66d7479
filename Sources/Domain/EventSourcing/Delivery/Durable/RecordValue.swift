import Encodings
import EventModel

/// Encodes Outrider's own record values, as an `Any` without a type URL.
enum RecordValue {
  /// Field 2 of `Any`, length-delimited.
  private static let tag: UInt8 = 2 << 3 | 2

  static func value(of content: Bytes) -> Bytes {
    if content.isEmpty { return [] }
    var bytes = [tag]
    var length = content.count
    while length > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: length) | 0x80)
      length >>= 7
    }
    bytes.append(UInt8(length))
    return bytes + content
  }

  /// Nil if `value(of:)` did not make the value.
  static func content(of value: Bytes) -> Bytes? {
    if value.isEmpty { return [] }
    guard value[0] == tag else { return nil }
    var (length, shift, start) = (0, 0, 1)
    while start < value.count, value[start] > 0x7F, shift < 28 {
      length |= Int(value[start] & 0x7F) << shift
      shift += 7
      start += 1
    }
    guard start < value.count else { return nil }
    length |= Int(value[start]) << shift
    let content = value[(start + 1)...]
    return content.count == length ? Bytes(content) : nil
  }

  /// Eight bytes for each number, big-endian.
  static func bytes(of numbers: [UInt64]) -> Bytes {
    numbers.flatMap(\.bigEndianBytes)
  }

  static func numbers(in bytes: Bytes) -> [UInt64] {
    stride(from: 0, to: bytes.count / 8 * 8, by: 8).map { start in
      UInt64(bigEndianBytes: bytes[start..<start + 8])
    }
  }
}

extension Root {
  /// The root of a record with this name: its hash (FNV-1a with 128 bits).
  init(hashOf name: Name) {
    var hash: UInt128 = 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D
    for byte in name.utf8 {
      hash = (hash ^ UInt128(byte)) &* 0x0000_0000_0100_0000_0000_0000_0000_013B
    }
    self.init(bigEndian: hash)
  }

  /// The root with the number's 16 bytes, big-endian.
  init(bigEndian number: UInt128) {
    self = Root(number.bigEndianBytes)!  // 128 bits are 16 bytes
  }
}
