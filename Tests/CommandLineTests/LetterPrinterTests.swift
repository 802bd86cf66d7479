import EventModel
import Testing
import Wire

@testable import outrider

@Suite struct LetterPrinterTests {
  @Test func aTextIsShownAsText() {
    #expect(
      LetterPrinter.head(of: Bytes("grüß\nGott".utf8)) == [
        "body          11 bytes, text:", "  grüß", "  Gott",
      ])
    #expect(LetterPrinter.head(of: []) == ["body          0 bytes"])
  }

  @Test func otherBytesAreShownInHexadecimal() {
    #expect(
      LetterPrinter.head(of: [0, 0xFF, 0x41]) == [
        "body          3 bytes, in hexadecimal:", "  00 ff 41",
      ])
    // The beginning of a character is no text.
    #expect(LetterPrinter.head(of: [0x41, 0xC3])[1] == "  41 c3")
  }

  @Test(arguments: [254, 255, 256])
  func aLongTextIsCutAlsoWithinACharacter(before: Int) {
    let text = String(repeating: "a", count: before) + "€" + String(repeating: "b", count: 300)
    let lines = LetterPrinter.head(of: Bytes(text.utf8))
    #expect(lines[0] == "body          \(before + 303) bytes, text:")
    #expect(lines[1].hasPrefix("  aaa") && lines[1].utf8.count <= 258)
    #expect(lines.last == "… --body FILE writes all of it")
  }
}
