/// Base64 (RFC 4648 sections 4 and 5).
public enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// With padding, in the standard alphabet.
  public static func encode(_ bytes: some Collection<UInt8>) -> String {
    var text: [UInt8] = []
    var pending: UInt32 = 0
    var bits = 0
    for byte in bytes {
      pending = pending << 8 | UInt32(byte)
      bits += 8
      while bits >= 6 {
        bits -= 6
        text.append(alphabet[Int(pending >> bits & 63)])
      }
    }
    if bits > 0 { text.append(alphabet[Int(pending << (6 - bits) & 63)]) }
    while !text.count.isMultiple(of: 4) { text.append(UInt8(ascii: "=")) }
    return String(decoding: text, as: UTF8.self)
  }

  /// In the standard or the URL-safe alphabet, with or without padding; nil for anything else.
  public static func decode(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var pending: UInt32 = 0
    var bits = 0
    let body = text.utf8.prefix { $0 != UInt8(ascii: "=") }
    let padding = text.utf8.count - body.count
    guard text.utf8.suffix(padding).allSatisfy({ $0 == UInt8(ascii: "=") }), padding <= 2,
      padding == 0 || text.utf8.count.isMultiple(of: 4), body.count % 4 != 1
    else { return nil }
    for character in body {
      guard let value = value(of: character) else { return nil }
      pending = pending << 6 | value
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: pending >> bits))
      }
    }
    return bytes
  }

  private static func value(of character: UInt8) -> UInt32? {
    switch character {
    case UInt8(ascii: "-"): 62
    case UInt8(ascii: "_"): 63
    default: alphabet.firstIndex(of: character).map(UInt32.init)
    }
  }
}
