/// Writes a message field by field, for the messages that are joined from bytes at hand.
/// Source: protobuf.dev/programming-guides/encoding.
@frozen public struct FieldWriter {
  @usableFromInline var written: [UInt8] = []

  @inlinable public init() {}

  @inlinable public init(reserving byteCount: Int) { written.reserveCapacity(byteCount) }

  /// Lets `body` write behind bytes that are whole fields already.
  @inlinable public static func append(to bytes: inout [UInt8], _ body: (inout FieldWriter) -> Void)
  {
    var writer = FieldWriter()
    swap(&writer.written, &bytes)
    body(&writer)
    swap(&writer.written, &bytes)
  }

  /// What was written.
  @inlinable public var bytes: [UInt8] { written }

  /// Bytes that are whole fields already.
  @inlinable public mutating func fields(_ encoded: [UInt8]) { written += encoded }

  /// A field with this content: bytes, or a nested message.
  @inlinable public mutating func field(_ number: UInt32, _ content: [UInt8]) {
    start(number, byteCount: content.count)
    written += content
  }

  @inlinable public mutating func field(_ number: UInt32, _ content: UnsafeRawBufferPointer) {
    start(number, byteCount: content.count)
    written += content
  }

  /// What comes before the content of a length-delimited field.
  @inlinable public mutating func start(_ number: UInt32, byteCount: Int) {
    tag(number, .lengthDelimited)
    varint(UInt64(byteCount))
  }

  /// A string; the empty one is not written, as proto3 wants it.
  @inlinable public mutating func text(_ number: UInt32, _ text: String) {
    guard !text.isEmpty else { return }
    var text = text
    text.withUTF8 {
      start(number, byteCount: $0.count)
      written += $0
    }
  }

  /// Bytes; no bytes are not written, as proto3 wants it.
  @inlinable public mutating func data(_ number: UInt32, _ data: [UInt8]) {
    if !data.isEmpty { field(number, data) }
  }

  /// A number or a truth value; 0 is not written, as proto3 wants it.
  @inlinable public mutating func number(_ number: UInt32, _ value: UInt64) {
    if value != 0 { numberEvenIfZero(number, value) }
  }

  /// A number in a oneof, where being written means something by itself.
  @inlinable public mutating func numberEvenIfZero(_ number: UInt32, _ value: UInt64) {
    tag(number, .varint)
    varint(value)
  }

  /// What comes before a field's value.
  @inlinable public mutating func tag(_ number: UInt32, _ type: WireType) {
    varint(UInt64(number << 3) | UInt64(type.rawValue))
  }

  /// A number without its tag, as it stands behind it, or in a packed field.
  @inlinable public mutating func packed(_ value: UInt64, _ type: WireType = .varint) {
    switch type {
    case .varint: varint(value)
    case .fixed64: fixed(value, 8)
    case .fixed32: fixed(value, 4)
    case .lengthDelimited: preconditionFailure("only numbers are packed")
    }
  }

  @inlinable mutating func varint(_ value: UInt64) {
    var rest = value
    while rest > 0x7F {
      written.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    written.append(UInt8(rest))
  }

  @inlinable mutating func fixed(_ value: UInt64, _ count: Int) {
    for index in 0..<count { written.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
  }
}

// MARK: Sizes, where a length must be written before its content

extension FieldWriter {
  /// Bytes that a length-delimited field takes, with tag and length.
  @inlinable public static func fieldByteCount(_ number: UInt32, content: Int) -> Int {
    varintByteCount(UInt64(number << 3)) + varintByteCount(UInt64(content)) + content
  }

  /// Bytes that `number` writes.
  @inlinable public static func numberByteCount(_ number: UInt32, _ value: UInt64) -> Int {
    value == 0 ? 0 : numberEvenIfZeroByteCount(number, value)
  }

  /// Bytes that `numberEvenIfZero` writes.
  @inlinable public static func numberEvenIfZeroByteCount(_ number: UInt32, _ value: UInt64) -> Int
  {
    varintByteCount(UInt64(number << 3)) + varintByteCount(value)
  }

  @inlinable static func varintByteCount(_ value: UInt64) -> Int {
    (70 - (value | 1).leadingZeroBitCount) / 7
  }
}
