import JSON
import Testing

@Suite struct DisplayedTextTests {
  @Test(arguments: [
    ("plain ä😀 \\ \"", "plain ä😀 \\ \""), ("a\nb\tc\r\n", #"a\nb\tc\u{d}\n"#),
    ("\u{1B}[2J\u{1B}]0;x\u{7}", #"\u{1b}[2J\u{1b}]0;x\u{7}"#), ("\u{7F}\u{9B}", #"\u{7f}\u{9b}"#),
    ("\u{202E}\u{2066}\u{61C}\u{200F}", #"\u{202e}\u{2066}\u{61c}\u{200f}"#),
    ("\u{2028}\u{2029}", #"\u{2028}\u{2029}"#),
    // What joins letters and emoji is text.
    ("\u{200D}\u{200C}", "\u{200D}\u{200C}"),
  ])
  func whatControlsADisplayIsWrittenOut(_ text: String, _ expected: String) {
    #expect(text.displayed == expected)
  }
}
