import Testing

@testable import RPC

/// Messages that are longer than peers take.
@Suite struct StatusLengthTests {
  @Test func textThatFitsStays() {
    #expect("abc".cut(to: 20) == "abc")
    #expect("abcdefghijklmnopqrst".cut(to: 20) == "abcdefghijklmnopqrst")
  }

  @Test func longTextIsCutAndMarked() {
    let text = String(repeating: "a", count: 100).cut(to: 20)
    #expect(text == "aaaaaaaaaa ... [cut]")
  }

  @Test(arguments: ["\u{e9}", "\u{20ac}", "\u{1f600}", "a\u{20ac}"])
  func charactersStayWhole(_ character: String) {
    let long = String(repeating: character, count: 100)
    for max in 10...60 {
      let text = long.cut(to: max)
      #expect(text.utf8.count <= max)
      #expect(!text.unicodeScalars.contains("\u{fffd}"))
      #expect(text.hasSuffix(" ... [cut]"))
    }
  }

  @Test func whatIsCutIsCountedAsItTravels() {
    let text = String(repeating: "\u{20ac}", count: 2000)
    let encoded = PercentEncoding.encode(text, countMax: 4096)
    #expect((4085...4096).contains(encoded.count))
    #expect(PercentEncoding.decode(encoded).hasSuffix("\u{20ac} ... [cut]"))
  }

  @Test func detailsRepeatTheBeginningOfALongMessage() {
    let status = RPCStatus(.internal, String(repeating: "a", count: 100_000))
      .with([.errorInfo(reason: "WHY", domain: "outrider")])
    #expect(status.details.count == 1)
    let bytes = status.metadata.bytes("grpc-status-details-bin")?.count ?? 0
    #expect((1000...1500).contains(bytes))
  }
}
