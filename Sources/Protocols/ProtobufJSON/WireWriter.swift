/// Writes fields in protobuf's wire form.
struct WireWriter {
  private(set) var bytes: [UInt8] = []

  mutating func write(field number: Int, _ value: WireField.Value) {
    switch value {
    case .varint: writeTag(number, .varint)
    case .fixed64: writeTag(number, .fixed64)
    case .fixed32: writeTag(number, .fixed32)
    case .bytes(let content):
      writeTag(number, .bytes)
      writeVarint(UInt64(content.count))
    }
    write(value)
  }

  /// A value without its tag, as it stands in a packed list.
  mutating func write(_ value: WireField.Value) {
    switch value {
    case .varint(let number): writeVarint(number)
    case .fixed64(let number): writeFixed(number, 8)
    case .fixed32(let number): writeFixed(UInt64(number), 4)
    case .bytes(let content): bytes += content
    }
  }

  private mutating func writeTag(_ number: Int, _ type: WireType) {
    writeVarint(UInt64(number) << 3 | type.rawValue)
  }

  private mutating func writeVarint(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func writeFixed(_ number: UInt64, _ count: Int) {
    for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * index))) }
  }
}
