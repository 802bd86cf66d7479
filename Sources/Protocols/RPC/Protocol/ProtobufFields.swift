/// The fields of a small message in the wire form of protocol buffers
/// (https://protobuf.dev/programming-guides/encoding): enough for a status and its details, which
/// must not make this target know a codec.
struct ProtobufFields {
  private(set) var bytes: [UInt8] = []

  /// Adds a number; zero is what is not there.
  mutating func append(_ number: Int, _ value: UInt64) {
    guard value != 0 else { return }
    appendVarint(UInt64(number) << 3)
    appendVarint(value)
  }

  /// Adds text; empty text is what is not there.
  mutating func append(_ number: Int, _ text: String) {
    if !text.isEmpty { append(number, Array(text.utf8)) }
  }

  /// Adds bytes or a message.
  mutating func append(_ number: Int, _ value: [UInt8]) {
    appendVarint(UInt64(number) << 3 | 2)
    appendVarint(UInt64(value.count))
    bytes += value
  }

  private mutating func appendVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// The fields that are text, bytes or messages, in order; nil if the bytes are no message.
  static func read(_ bytes: [UInt8]) -> [(number: Int, bytes: [UInt8])]? {
    var fields: [(number: Int, bytes: [UInt8])] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      guard let tag = readVarint(&rest) else { return nil }
      switch tag & 7 {
      case 0:
        guard readVarint(&rest) != nil else { return nil }
      case 1, 5:
        let count = tag & 7 == 1 ? 8 : 4
        guard rest.count >= count else { return nil }
        rest = rest.dropFirst(count)
      case 2:
        guard let count = readVarint(&rest), count <= rest.count else { return nil }
        fields.append((Int(truncatingIfNeeded: tag >> 3), Array(rest.prefix(Int(count)))))
        rest = rest.dropFirst(Int(count))
      default: return nil
      }
    }
    return fields
  }

  private static func readVarint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 64, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      value |= UInt64(byte & 0x7f) << UInt64(shift)
      if byte < 0x80 { return value }
    }
    return nil
  }
}
