import Encodings
import Testing

@Suite struct HexadecimalTests {
  @Test func everyByteGoesIntoDigitsAndBack() {
    let bytes = [UInt8](0...255)
    let text = Hexadecimal.encode(bytes)
    #expect(text.hasPrefix("000102") && text.hasSuffix("fdfeff"))
    #expect(Hexadecimal.decode(text.utf8) == bytes)
    #expect(Hexadecimal.decode(text.uppercased().utf8) == bytes)
  }

  @Test func numberHasAllItsDigits() {
    #expect(Hexadecimal.encode(0x1F as UInt64) == "000000000000001f")
    #expect(Hexadecimal.encode(UInt64.max) == "ffffffffffffffff")
    #expect(Hexadecimal.encode(0x1F as UInt16) == "001f")
  }

  @Test(arguments: ["0", "0g", "+1", " 1", "0x", "é", "１２"])
  func whatIsNoPairOfDigitsIsRefused(_ text: String) {
    #expect(Hexadecimal.decode(text.utf8) == nil)
  }

  @Test func noDigitsAreNoBytes() {
    #expect(Hexadecimal.decode("".utf8) == [])
    #expect(Hexadecimal.encode([UInt8]()) == "")
  }
}
