/// Base64 (RFC 4648).
public enum Base64 {
  /// The characters for 62 and 63.
  public enum Alphabet: Sendable {
    /// `+` and `/` (section 4).
    case standard
    /// `-` and `_`, for URLs (section 5).
    case url
    /// Either alphabet, also mixed.
    case either
  }

  private static let alphanumerics =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
  private static let standard = Array((alphanumerics + "+/").utf8)
  private static let urlSafe = Array((alphanumerics + "-_").utf8)
  private static let padding = UInt8(ascii: "=")

  /// In the standard alphabet, or that for URLs.
  public static func encode(
    _ bytes: some Sequence<UInt8>, isPadded: Bool = true, isURLSafe: Bool = false
  ) -> [UInt8] {
    let characters = isURLSafe ? urlSafe : standard
    var text: [UInt8] = []
    var bits: UInt32 = 0
    var bitCount: UInt32 = 0
    for byte in bytes {
      bits = bits << 8 | UInt32(byte)
      bitCount += 8
      while bitCount >= 6 {
        bitCount -= 6
        text.append(characters[Int(bits >> bitCount & 63)])
      }
    }
    if bitCount > 0 { text.append(characters[Int(bits << (6 - bitCount) & 63)]) }
    while isPadded, !text.count.isMultiple(of: 4) { text.append(padding) }
    return text
  }

  /// The bytes of a text in Base64, with or without padding; nil if it is malformed.
  ///
  /// - Parameter isCanonical: accepts only the form without padding whose unused bits are zero, so
  ///   that each byte string has one text.
  public static func decode(
    _ text: some BidirectionalCollection<UInt8>, _ alphabet: Alphabet = .standard,
    isCanonical: Bool = false
  ) -> [UInt8]? {
    var body = text[...]
    while body.last == padding { body = body.dropLast() }
    let paddingCount = text.count - body.count
    guard body.count % 4 != 1, paddingCount <= (isCanonical ? 0 : 2),
      paddingCount == 0 || text.count.isMultiple(of: 4)
    else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(body.count * 3 / 4)
    var bits: UInt32 = 0
    var bitCount: UInt32 = 0
    for character in body {
      guard let value = value(of: character, alphabet) else { return nil }
      bits = bits << 6 | value
      bitCount += 6
      if bitCount >= 8 {
        bitCount -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
        bits &= (1 << bitCount) - 1
      }
    }
    return isCanonical && bits != 0 ? nil : bytes
  }

  private static func value(of character: UInt8, _ alphabet: Alphabet) -> UInt32? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "+"): alphabet == .url ? nil : 62
    case UInt8(ascii: "/"): alphabet == .url ? nil : 63
    case UInt8(ascii: "-"): alphabet == .standard ? nil : 62
    case UInt8(ascii: "_"): alphabet == .standard ? nil : 63
    default: nil
    }
  }
}
