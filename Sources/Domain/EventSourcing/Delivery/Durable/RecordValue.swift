import Encodings
import EventModel
import ProtobufFields

/// Encodes Outrider's own record values, as an `Any` without a type URL.
enum RecordValue {
  /// `Any.value`
  private static let field: UInt32 = 2

  static func value(of content: Bytes) -> Bytes {
    var writer = FieldWriter()
    writer.data(field, content)
    return writer.bytes
  }

  /// Nil if `value(of:)` did not make the value.
  static func content(of value: Bytes) -> Bytes? {
    if value.isEmpty { return [] }
    return value.withUnsafeBufferPointer { value in
      var reader = FieldReader<NoMessage>(value)
      guard let first = try? reader.next(), first.number == field,
        first.type == .lengthDelimited, first.whole.upperBound == value.count
      else { return nil }
      return Bytes(value[first.content])
    }
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
