import Encodings
import Testing

@Suite struct DecimalDigitsTests {
  @Test(arguments: [("0", 0), ("007", 7), ("255", 255)] as [(String, UInt8)])
  func digitsAreANumber(_ text: String, _ number: UInt8) {
    #expect(UInt8(digits: text.utf8) == number)
  }

  @Test(arguments: ["", "256", "260", "1000", "-1", "+1", " 1", "1 ", "1.0", "a", "１"])
  func otherTextIsNoNumber(_ text: String) {
    #expect(UInt8(digits: text.utf8) == nil)
  }
}
