import EventModel

/// Writes a message field by field, for the messages that are joined from bytes at hand.
/// Source: protobuf.dev/programming-guides/encoding.
struct WireWriter {
  private(set) var bytes: Bytes = []

  init() {}

  init(reserving byteCount: Int) { bytes.reserveCapacity(byteCount) }

  /// Bytes that are whole fields already.
  mutating func fields(_ encoded: Bytes) { bytes += encoded }

  /// A field with this content: bytes, or a nested message.
  mutating func field(_ number: UInt32, _ content: Bytes) {
    start(number, byteCount: content.count)
    bytes += content
  }

  /// What comes before the content of a length-delimited field.
  mutating func start(_ number: UInt32, byteCount: Int) {
    varint(UInt64(number << 3 | 2))
    varint(UInt64(byteCount))
  }

  /// A string; the empty one is not written, as proto3 wants it.
  mutating func text(_ number: UInt32, _ text: String) {
    guard !text.isEmpty else { return }
    var text = text
    text.withUTF8 {
      start(number, byteCount: $0.count)
      bytes += $0
    }
  }

  mutating func text(_ number: UInt32, _ name: Name) { text(number, name.text) }

  /// Bytes; no bytes are not written, as proto3 wants it.
  mutating func data(_ number: UInt32, _ data: Bytes) {
    if !data.isEmpty { field(number, data) }
  }

  /// A number or a truth value; 0 is not written, as proto3 wants it.
  mutating func number(_ number: UInt32, _ value: UInt64) {
    if value != 0 { numberEvenIfZero(number, value) }
  }

  /// A number in a oneof, where being written means something by itself.
  mutating func numberEvenIfZero(_ number: UInt32, _ value: UInt64) {
    varint(UInt64(number << 3))
    varint(value)
  }

  /// One of a repeated field's numbers, which stand together without tags.
  mutating func packed(_ value: UInt64) { varint(value) }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

// MARK: Sizes, where a length must be written before its content

extension WireWriter {
  /// Bytes that a length-delimited field takes, with tag and length.
  static func fieldByteCount(_ number: UInt32, content: Int) -> Int {
    varintByteCount(UInt64(number << 3)) + varintByteCount(UInt64(content)) + content
  }

  /// Bytes that `number` writes.
  static func numberByteCount(_ number: UInt32, _ value: UInt64) -> Int {
    value == 0 ? 0 : varintByteCount(UInt64(number << 3)) + varintByteCount(value)
  }

  private static func varintByteCount(_ value: UInt64) -> Int {
    (70 - (value | 1).leadingZeroBitCount) / 7
  }
}
