import Names
import Testing

@Suite struct NameTests {
  /// Pairs that `String` holds equal.
  static let lookalikes: [(Name, Name)] = [
    ("K", "\u{212A}"), ("\u{E9}", "e\u{301}"), ("\u{C5}", "\u{212B}"),
  ]

  @Test(arguments: lookalikes) func namesAreComparedByTheirBytes(_ left: Name, _ right: Name) {
    #expect(left != right)
    #expect(Set([left, right, left]).count == 2)
    #expect([left: 1, right: 2][left] == 1)
    #expect(left < right || right < left)
  }

  @Test func namesOfTheSameBytesAreEqual() {
    let long = String(repeating: "x", count: 300)
    for text in ["", "bank", "\u{212A}unde", long] {
      #expect(Name(text) == Name(String(decoding: Array(text.utf8), as: UTF8.self)))
      #expect(Name(text).hashValue == Name(text).hashValue)
    }
  }

  @Test func namesAreOrderedAsTheirBytesAre() {
    let names: [Name] = ["\u{E9}", "b", "", "a", "e\u{301}", "ab", "\u{212A}", "K"]
    #expect(names.sorted() == names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
  }

  @Test func prefixIsOneOfBytes() {
    #expect(Name("$saga").hasPrefix("$"))
    #expect(!Name("e\u{301}").hasPrefix("\u{E9}"))
    #expect(Name("e\u{301}").hasPrefix("e"))
  }

  @Test func restAfterAPrefixHasAllItsBytes() {
    #expect(Name("$saga.\u{301}x").after("$saga.") == "\u{301}x")
    #expect(Name("$saga.").after("$saga.") == "")
    #expect(Name("\u{E9}x").after("e") == nil)
  }
}
