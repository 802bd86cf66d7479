/// Walks over the fields of one message. Every step is checked: damaged bytes end the walk.
struct FieldScanner {
  struct Field {
    /// The field number.
    let number: UInt64
    let type: ProtobufFormat.WireType
    /// A varint's value; 0 for the other types.
    let value: UInt64
    /// Where tag and value lie.
    let whole: Range<Int>
    /// Where a length-delimited field's content lies.
    let content: Range<Int>
  }

  private let bytes: UnsafeBufferPointer<UInt8>
  private(set) var offset: Int

  init(_ bytes: UnsafeBufferPointer<UInt8>, from offset: Int = 0) {
    self.bytes = bytes
    self.offset = offset
  }

  var isAtEnd: Bool { offset == bytes.count }

  /// The next field; nil where the bytes end, or are no message.
  mutating func next() -> Field? {
    let start = offset
    guard let tag = varint(), let type = ProtobufFormat.WireType(rawValue: UInt8(tag & 7)) else {
      return nil
    }
    var value: UInt64 = 0
    var length = 0
    switch type {
    case .varint:
      guard let read = varint() else { return nil }
      value = read
    case .fixed64: length = 8
    case .fixed32: length = 4
    case .lengthDelimited:
      guard let read = varint(), let size = Int(exactly: read) else { return nil }
      length = size
    }
    guard length <= bytes.count - offset else { return nil }
    let content = offset..<offset + length
    offset = content.upperBound
    return Field(
      number: tag >> 3, type: type, value: value, whole: start..<offset, content: content)
  }

  /// The content of the first length-delimited field of that number.
  static func content(
    of number: UInt64, in message: UnsafeBufferPointer<UInt8>
  ) -> UnsafeBufferPointer<UInt8>? {
    var scanner = FieldScanner(message)
    while let field = scanner.next() {
      if field.number == number, field.type == .lengthDelimited {
        return UnsafeBufferPointer(rebasing: message[field.content])
      }
    }
    return nil
  }

  private mutating func varint() -> UInt64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while offset < bytes.count, shift < 64 {
      let byte = bytes[offset]
      offset += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    return nil
  }
}
