/// One field of a message in protobuf's wire form
/// (https://protobuf.dev/programming-guides/encoding/).
struct WireField {
  enum Value {
    case varint(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    case bytes(ArraySlice<UInt8>)
  }

  let number: Int
  let value: Value
}

/// Reads the fields of a message, one after the other.
struct WireReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// All fields of a message.
  static func fields(_ bytes: ArraySlice<UInt8>) throws(ProtobufError) -> [WireField] {
    var reader = WireReader(bytes)
    var fields: [WireField] = []
    while let field = try reader.next() { fields.append(field) }
    return fields
  }

  /// Nil at the end.
  mutating func next() throws(ProtobufError) -> WireField? {
    guard !rest.isEmpty else { return nil }
    let tag = try varint()
    guard let number = Int(exactly: tag >> 3), (1..<1 << 29).contains(number) else {
      throw ProtobufError("a field's number is out of range")
    }
    switch tag & 7 {
    case 0: return WireField(number: number, value: .varint(try varint()))
    case 1: return WireField(number: number, value: .fixed64(try fixed(8)))
    case 2:
      guard let count = Int(exactly: try varint()) else { throw .truncated }
      return WireField(number: number, value: .bytes(try take(count)))
    case 5: return WireField(number: number, value: .fixed32(UInt32(try fixed(4))))
    default: throw ProtobufError("field \(number) has wire type \(tag & 7), which is not supported")
    }
  }

  /// The next number of a packed list; nil at the end.
  mutating func nextPacked(_ type: WireType) throws(ProtobufError) -> WireField.Value? {
    guard !rest.isEmpty else { return nil }
    switch type {
    case .varint: return .varint(try varint())
    case .fixed64: return .fixed64(try fixed(8))
    case .fixed32: return .fixed32(UInt32(try fixed(4)))
    case .bytes: throw ProtobufError("only numbers can be packed")
    }
  }

  private mutating func varint() throws(ProtobufError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let byte = rest.popFirst() else { throw .truncated }
      value |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return value }
    }
    throw ProtobufError("a number is longer than ten bytes")
  }

  private mutating func fixed(_ count: Int) throws(ProtobufError) -> UInt64 {
    try take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private mutating func take(_ count: Int) throws(ProtobufError) -> ArraySlice<UInt8> {
    guard count <= rest.count else { throw .truncated }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }
}

/// How a field's value stands in the wire form.
enum WireType: UInt64 {
  case varint = 0
  case fixed64 = 1
  case bytes = 2
  case fixed32 = 5
}
