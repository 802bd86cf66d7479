import JSON
import Testing

@Suite struct JSONTests {
  @Test(arguments: [
    "null", "true", "-0.5e+3", "18446744073709551615", #""""#, "[]", "{}", "[1,[2,{}],null]",
    #"{"b":1,"a":[false]}"#, #""ä😀\"\\\n\u0000\u007f\u2028\u202e""#,
  ])
  func valueIsReadAndWrittenTheSame(text: String) throws {
    #expect(try JSONValue.parse(Array(text.utf8)).text == text)
  }

  @Test func escapesAreRead() throws {
    let text = #" "\u00e4\ud83d\ude00\/\b\f\t\r" "#
    #expect(try JSONValue.parse(Array(text.utf8)) == .string("ä😀/\u{8}\u{C}\t\r"))
  }

  @Test func prettyTextIsIndented() {
    let value: JSONValue = ["a": [1, "x"], "b": [:], "c": []]
    #expect(
      value.prettyText == """
        {
          "a": [
            1,
            "x"
          ],
          "b": {},
          "c": []
        }
        """)
  }

  @Test(arguments: [
    "", " ", "nul", "01", "1.", ".5", "+1", "1e", "-", "[1,]", "[1 2]", "{,}", #"{"a"}"#,
    #"{"a":1,}"#, #"{a:1}"#, #"{"a":1,"a":2}"#, #"""#, #""\x""#, #""\ud800""#, #""\ud800\u0041""#,
    #""\u12""#, "\"\n\"", "1 2", "NaN", "// x\n1", "'a'",
  ])
  func whatIsNotJSONIsRefused(text: String) {
    #expect(throws: JSONError.self) { try JSONValue.parse(Array(text.utf8)) }
  }

  @Test func errorHasItsLine() {
    let error = #expect(throws: JSONError.self) {
      try JSONValue.parse(Array("[1,\n2,\nx]".utf8))
    }
    #expect(error?.description == "not valid JSON, line 3: a digit is missing")
  }

  @Test func depthIsBounded() {
    let text = String(repeating: "[", count: 1_000_000)
    #expect(throws: JSONError.self) { try JSONValue.parse(Array(text.utf8)) }
  }

  @Test func bytesThatAreNotTextAreRefused() {
    #expect(throws: JSONError.self) { try JSONValue.parse([0x22, 0xFF, 0x22]) }
  }
}
