import Encodings

/// Encodes Unicode for `grpc-message` (gRPC, `doc/PROTOCOL-HTTP2.md`, Percent-Encoded): UTF-8,
/// with all bytes outside printable ASCII, and `%` itself, written as `%XX`.
package enum PercentEncoding {
  /// - Parameter countMax: the most bytes of output; a longer text is cut and marked.
  package static func encode(_ text: String, countMax: Int = .max) -> [UInt8] {
    // A byte becomes at most three.
    let text = text.utf8.count > countMax / 3 ? text.cut(to: countMax, cost: cost(of:)) : text
    let digits = Array("0123456789ABCDEF".utf8)
    var encoded: [UInt8] = []
    encoded.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      if cost(of: byte) == 1 {
        encoded.append(byte)
      } else {
        encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return encoded
  }

  private static func cost(of byte: UInt8) -> Int {
    (0x20...0x7e).contains(byte) && byte != UInt8(ascii: "%") ? 1 : 3
  }

  /// Keeps malformed escapes: a broken message is better than none.
  package static func decode(_ encoded: [UInt8]) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(encoded.count)
    var at = 0
    while at < encoded.count {
      if encoded[at] == UInt8(ascii: "%"), at + 2 < encoded.count,
        let high = Hexadecimal.value(of: encoded[at + 1]),
        let low = Hexadecimal.value(of: encoded[at + 2])
      {
        bytes.append(high << 4 | low)
        at += 3
      } else {
        bytes.append(encoded[at])
        at += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
