/// Writes the primitives of Avro's binary encoding.
package struct BinaryWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func write(long value: Int64) {
    var raw = UInt64(bitPattern: value << 1 ^ value >> 63)
    while raw >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: raw) | 0x80)
      raw >>= 7
    }
    bytes.append(UInt8(raw))
  }

  package mutating func write(byte: UInt8) { bytes.append(byte) }

  mutating func write(raw content: some Collection<UInt8>) { bytes += content }

  package mutating func write(counted content: some Collection<UInt8>) {
    write(long: Int64(content.count))
    bytes += content
  }

  mutating func write(fixed32 value: UInt32) { write(littleEndian: value) }

  mutating func write(fixed64 value: UInt64) { write(littleEndian: value) }

  private mutating func write(littleEndian value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }
}
