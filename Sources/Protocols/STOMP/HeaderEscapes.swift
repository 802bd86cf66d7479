/// Escapes delimiters in header names and values (STOMP 1.2, *Value Encoding*).
enum HeaderEscapes {
  static func encode(_ text: String) -> String {
    guard text.utf8.contains(where: { isSpecial($0) }) else { return text }
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\\"): bytes += "\\\\".utf8
      case UInt8(ascii: ":"): bytes += "\\c".utf8
      case UInt8(ascii: "\n"): bytes += "\\n".utf8
      case UInt8(ascii: "\r"): bytes += "\\r".utf8
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The unescaped text; nil for an unknown escape.
  ///
  /// - Parameter isLenient: keeps unknown escapes. CONNECT has no escapes by the standard, but
  ///   some clients write them.
  static func decode(_ bytes: some Sequence<UInt8>, isLenient: Bool) -> [UInt8]? {
    var text: [UInt8] = []
    var isEscaped = false
    for byte in bytes {
      guard isEscaped else {
        if byte == UInt8(ascii: "\\") { isEscaped = true } else { text.append(byte) }
        continue
      }
      isEscaped = false
      switch byte {
      case UInt8(ascii: "\\"): text.append(byte)
      case UInt8(ascii: "c"): text.append(UInt8(ascii: ":"))
      case UInt8(ascii: "n"): text.append(UInt8(ascii: "\n"))
      case UInt8(ascii: "r"): text.append(UInt8(ascii: "\r"))
      default:
        guard isLenient else { return nil }
        text += [UInt8(ascii: "\\"), byte]
      }
    }
    guard isEscaped else { return text }
    return isLenient ? text + [UInt8(ascii: "\\")] : nil
  }

  private static func isSpecial(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\\") || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "\n")
      || byte == UInt8(ascii: "\r")
  }
}
