import HTTP1

/// The value of `type` in a request: the name of a message, `bank.OpenAccount`, or its type URL,
/// `json/Noted`.
enum TypeName {
  /// Its form, as a regular expression.
  static let pattern = #"^([A-Za-z0-9_.-]+/)*[A-Za-z_][A-Za-z0-9_.$-]*$"#
  static let characterCountMax = 200

  /// Throws a failure 400 for any other text.
  static func check(_ text: String) throws(HTTPFailure) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let isURL = parts.dropLast().allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(isInPrefix) }
    guard text.utf8.count <= characterCountMax, isURL, let name = parts.last, isName(name) else {
      throw HTTPFailure(
        400,
        "type is a name such as bank.OpenAccount, or a type URL such as json/Noted, in at most "
          + "\(characterCountMax) letters of ASCII, digits and _ . $ -")
    }
  }

  private static func isName(_ name: Substring) -> Bool {
    guard let first = name.utf8.first else { return false }
    return isLetter(first) && name.utf8.allSatisfy { isInPrefix($0) || $0 == UInt8(ascii: "$") }
  }

  private static func isInPrefix(_ byte: UInt8) -> Bool {
    isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
  }
}
