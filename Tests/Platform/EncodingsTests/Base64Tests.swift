import Encodings
import Testing

@Suite struct Base64Tests {
  /// RFC 4648 section 10.
  private static let vectors = [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
  ]

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test(arguments: vectors) func bytesGoIntoTextAndBack(_ plain: String, _ encoded: String) {
    let bare = encoded.filter { $0 != "=" }
    #expect(text(Base64.encode(plain.utf8)) == encoded)
    #expect(text(Base64.encode(plain.utf8, isPadded: false)) == bare)
    #expect(Base64.decode(encoded.utf8).map(text) == plain)
    #expect(Base64.decode(bare.utf8).map(text) == plain)
    #expect(Base64.decode(bare.utf8, .url, isCanonical: true).map(text) == plain)
  }

  @Test func everyByteGoesIntoTextAndBack() {
    let bytes = [UInt8](0...255)
    #expect(Base64.decode(Base64.encode(bytes)) == bytes)
  }

  @Test func textForURLsHasCharactersOfItsOwn() {
    #expect(text(Base64.encode([0xFB, 0xF0])) == "+/A=")
    #expect(text(Base64.encode([0xFB, 0xF0], isPadded: false, isURLSafe: true)) == "-_A")
  }

  @Test func alphabetDecidesOnTheLastTwoCharacters() {
    #expect(Base64.decode("+/A".utf8) == [0xFB, 0xF0])
    #expect(Base64.decode("-_A".utf8) == nil)
    #expect(Base64.decode("-_A".utf8, .url) == [0xFB, 0xF0])
    #expect(Base64.decode("+/A".utf8, .url) == nil)
    #expect(Base64.decode("-/A".utf8, .either) == [0xFB, 0xF0])
  }

  @Test(arguments: ["A", "AAAAA", "Zg=", "Zg===", "Z=g=", "=", "Zg==Zg==", "Zm 9v", "Zm9v\n", "é"])
  func whatIsNoBase64IsRefused(_ text: String) {
    #expect(Base64.decode(text.utf8, .either) == nil)
  }

  @Test func canonicalFormHasNoPaddingAndNoBitsLeftOver() {
    #expect(Base64.decode("Zg==".utf8, .url, isCanonical: true) == nil)
    #expect(Base64.decode("Zh".utf8, .url, isCanonical: true) == nil)
    #expect(Base64.decode("Zh".utf8, .url) == [0x66])
  }
}
