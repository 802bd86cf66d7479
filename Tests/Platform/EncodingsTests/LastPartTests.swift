import Encodings
import Testing

@Suite struct LastPartTests {
  @Test(arguments: [
    ("type.googleapis.com/bank.Opened", "bank.Opened"), ("a/b/c", "c"), ("Opened", "Opened"),
    ("bank/", ""), ("", ""),
    // With a combining mark, a slash is a character of another kind.
    ("bank/\u{301}a", "\u{301}a"),
  ])
  func textIsCutByBytes(text: String, expected: String) {
    #expect(Array(text.part(afterLast: "/").utf8) == Array(expected.utf8))
  }
}
