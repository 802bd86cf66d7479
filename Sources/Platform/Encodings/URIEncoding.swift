/// Percent-encoding of a URI's parts (RFC 3986 section 2.1).
public enum URIEncoding {
  /// Escapes all bytes but letters, digits and the characters in `plain`; the default is
  /// the unreserved characters (section 2.3).
  public static func encode(_ bytes: some Sequence<UInt8>, plain: String = "-._~") -> String {
    bytes.reduce(into: "") { text, byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        text.unicodeScalars.append(UnicodeScalar(byte))
      case _ where plain.utf8.contains(byte): text.unicodeScalars.append(UnicodeScalar(byte))
      default: text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
  }

  /// The text with its escapes resolved; nil if two hexadecimal digits do not follow a `%`.
  public static func decode(_ text: Substring) -> String? {
    bytes(of: text).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The bytes of the text, escapes resolved; nil as in `decode`.
  public static func bytes(of text: Substring) -> [UInt8]? {
    var bytes: [UInt8] = []
    var rest = text.utf8
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = rest.prefix(2)
      guard digits.count == 2, let escaped = Hexadecimal.decode(digits) else { return nil }
      rest = rest.dropFirst(2)
      bytes += escaped
    }
    return bytes
  }
}
