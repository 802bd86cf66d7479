/// An error for malformed messages.
public protocol MalformedMessage: Error {
  /// - Parameter reason: continues the message's name: "is cut short inside a number".
  init(malformed reason: String)
}

/// Bytes that are not the expected message, for readers that need no reason.
public struct NoMessage: MalformedMessage {
  @inlinable public init(malformed reason: String) {}
}

/// Iterates over the fields of one message. Throws an error of the caller's type if the bytes are
/// malformed. Checks every step, but not the inside of fields.
///
/// Source: protobuf.dev/programming-guides/encoding. Groups, which proto3 lacks, are refused.
@frozen public struct FieldReader<Failure: MalformedMessage> {
  @frozen public struct Field {
    public let number: UInt32
    public let type: WireType
    /// A number's bits; 0 for a length-delimited field.
    public let value: UInt64
    /// The range of tag and value.
    public let whole: Range<Int>
    /// The range of the value; without the length if it is length-delimited.
    public let content: Range<Int>

    @inlinable init(
      number: UInt32, type: WireType, value: UInt64, whole: Range<Int>, content: Range<Int>
    ) {
      self.number = number
      self.type = type
      self.value = value
      self.whole = whole
      self.content = content
    }
  }

  @usableFromInline let bytes: View
  @usableFromInline var offset = 0

  @inlinable public init(_ bytes: View) { self.bytes = bytes }

  /// The next field; nil at the end.
  @inlinable public mutating func next() throws(Failure) -> Field? {
    guard offset < bytes.count else { return nil }
    let start = offset
    let tag = try varint("a field's tag")
    // 29 bits of field number and 3 of type, in 5 bytes: protobuf-c reads no more.
    guard tag >> 3 > 0, tag <= UInt64(UInt32.max), offset - start <= 5 else {
      throw Failure(malformed: "has a field number that does not exist, at byte \(start)")
    }
    guard let type = WireType(rawValue: UInt8(tag & 7)) else {
      throw Failure(
        malformed: "has wire type \(tag & 7), which is not supported, at byte \(start)")
    }
    let content: Range<Int>
    var value: UInt64 = 0
    if type == .lengthDelimited {
      let length = try varint("a length")
      let contentStart = offset
      try skip(length)
      content = contentStart..<offset
    } else {
      let valueStart = offset
      value = try number(type)
      content = valueStart..<offset
    }
    return Field(
      number: UInt32(tag >> 3), type: type, value: value, whole: start..<offset, content: content)
  }

  /// The next number of a packed field, whose content the bytes are; nil at the end.
  @inlinable public mutating func packedNumber(
    _ type: WireType = .varint
  ) throws(Failure) -> UInt64? {
    offset < bytes.count ? try number(type) : nil
  }

  /// The content of the first length-delimited field of this number; nil if there is none.
  @inlinable public static func content(of number: UInt32, in message: View) -> View? {
    var reader = FieldReader(message)
    while let field = try? reader.next() {
      if field.number == number, field.type == .lengthDelimited {
        return message.part(field.content)
      }
    }
    return nil
  }

  @inlinable mutating func number(_ type: WireType) throws(Failure) -> UInt64 {
    switch type {
    case .varint: return try varint("a number")
    case .fixed64: return try fixed(8)
    case .fixed32: return try fixed(4)
    case .lengthDelimited: throw Failure(malformed: "has text or bytes where only numbers may be")
    }
  }

  @inlinable mutating func fixed(_ count: Int) throws(Failure) -> UInt64 {
    let start = offset
    try skip(UInt64(count))
    return bytes[start..<offset].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  @inlinable mutating func skip(_ length: UInt64) throws(Failure) {
    guard length <= UInt64(bytes.count - offset) else {
      throw Failure(
        malformed: "is cut short: \(length) bytes announced, \(bytes.count - offset) there")
    }
    offset += Int(length)
  }

  @inlinable @inline(__always)
  mutating func varint(_ what: StaticString) throws(Failure) -> UInt64 {
    // One byte is the most frequent case by far.
    guard offset < bytes.count, bytes[offset] < 0x80 else { return try longVarint(what) }
    offset += 1
    return UInt64(bytes[offset - 1])
  }

  @inlinable mutating func longVarint(_ what: StaticString) throws(Failure) -> UInt64 {
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
        throw Failure(malformed: "has \(what) of more than 10 bytes, at byte \(start)")
      }
    }
    throw Failure(malformed: "is cut short inside \(what)")
  }
}
