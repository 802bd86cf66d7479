/// Bytes of a message, looked at where they lie.
typealias View = UnsafeBufferPointer<UInt8>

extension View {
  /// The part of it that a field's content is.
  func part(_ range: Range<Int>) -> View { View(rebasing: self[range]) }
}

/// Walks over the fields of one message. Every step is checked.
/// Source: protobuf.dev/programming-guides/encoding.
struct FieldReader {
  enum WireType: UInt8 {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case fixed32 = 5
  }

  struct Field {
    let number: UInt32
    let type: WireType
    /// A varint's value; 0 for the other types.
    let value: UInt64
    /// Where tag and value lie.
    let whole: Range<Int>
    /// Where a length-delimited field's content lies; where the value of the others does.
    let content: Range<Int>
  }

  private let bytes: View
  private var offset = 0

  init(_ bytes: View) { self.bytes = bytes }

  /// The next field; nil at the end.
  mutating func next() throws(WireError) -> Field? {
    guard offset < bytes.count else { return nil }
    let start = offset
    let tag = try varint("a field's tag")
    // 29 bits of field number and 3 of type, in 5 bytes: protobuf-c reads no more.
    guard tag >> 3 > 0, tag <= UInt64(UInt32.max), offset - start <= 5 else {
      throw WireError(.malformed, "has a field number that does not exist, at byte \(start)")
    }
    guard let type = WireType(rawValue: UInt8(tag & 7)) else {
      throw WireError(
        .malformed, "has wire type \(tag & 7), which is not supported, at byte \(start)")
    }
    var value: UInt64 = 0
    let valueStart = offset
    switch type {
    case .varint: value = try varint("a number")
    case .fixed64: try skip(8)
    case .fixed32: try skip(4)
    case .lengthDelimited:
      let length = try varint("a length")
      let contentStart = offset
      try skip(length)
      return Field(
        number: UInt32(tag >> 3), type: type, value: 0, whole: start..<offset,
        content: contentStart..<offset)
    }
    return Field(
      number: UInt32(tag >> 3), type: type, value: value, whole: start..<offset,
      content: valueStart..<offset)
  }

  /// The next of numbers that stand together without tags, where the bytes are a packed field's
  /// content; nil at the end.
  mutating func packedNumber() throws(WireError) -> UInt64? {
    offset < bytes.count ? try varint("a number") : nil
  }

  private mutating func skip(_ length: UInt64) throws(WireError) {
    guard length <= UInt64(bytes.count - offset) else {
      throw WireError(
        .malformed, "is cut short: \(length) bytes announced, \(bytes.count - offset) there")
    }
    offset += Int(length)
  }

  @inline(__always)
  private mutating func varint(_ what: StaticString) throws(WireError) -> UInt64 {
    // One byte is the most frequent case by far.
    guard offset < bytes.count, bytes[offset] < 0x80 else { return try longVarint(what) }
    offset += 1
    return UInt64(bytes[offset - 1])
  }

  private mutating func longVarint(_ what: StaticString) throws(WireError) -> UInt64 {
    let start = offset
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while offset < bytes.count {
      let byte = bytes[offset]
      offset += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
      if shift == 70 {
        throw WireError(.malformed, "has \(what) of more than 10 bytes, at byte \(start)")
      }
    }
    throw WireError(.malformed, "is cut short inside \(what)")
  }
}
