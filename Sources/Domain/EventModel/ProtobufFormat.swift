/// The few rules of the protobuf wire format that pages need: varints, tags, and where a field
/// ends.
///
/// Pages are stored and sent on as they are, so most of them are never decoded; this is what it
/// takes to number them, to split a block of them and to join blocks again. Messages are decoded
/// in `Wire`. Source: protobuf.dev/programming-guides/encoding.
enum ProtobufFormat {
  /// How a field's value is laid out.
  enum WireType: UInt8 {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case fixed32 = 5
  }

  static func tag(_ field: UInt8, _ type: WireType) -> UInt8 { field << 3 | type.rawValue }

  static func varintSize(_ value: UInt64) -> Int { (70 - (value | 1).leadingZeroBitCount) / 7 }

  static func appendVarint(_ value: UInt64, to bytes: inout Bytes) {
    var rest = value
    while rest > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
