import EventModel
import Testing

@testable import outrider

@Suite struct AggregateNameTests {
  private let text = "0190163d-8694-739b-aea5-966c26f8ad91"

  @Test func everySpellingOfAnAggregateIsTaken() throws {
    let root = try #require(Root(text))
    let bare = text.filter { $0 != "-" }
    for spelling in [text, text.uppercased(), bare, "urn:uuid:\(text)"] {
      #expect(AggregateName(argument: spelling)?.root == root)
      #expect(AggregateName(argument: "bank/\(spelling)")?.domain == "bank")
    }
    #expect(AggregateName(argument: "a/b/\(text)")?.domain == "a/b")
  }

  @Test(arguments: ["", "bank", "bank/", "/0190163d8694739baea5966c26f8ad91", "bank/x"])
  func otherTextNamesNoAggregate(text: String) { #expect(AggregateName(argument: text) == nil) }

  @Test func aggregateIsOneWordOrTwo() throws {
    let cover = Cover(domain: "bank", root: try #require(Root(text)))
    #expect(try AggregateArguments.parse(["bank", text]).cover() == cover)
    #expect(try AggregateArguments.parse(["bank/\(text)"]).cover() == cover)
    #expect(try AggregateArguments.parse(["bank", "bank/\(text)"]).cover() == cover)
    #expect(throws: Failure.self) { try AggregateArguments.parse(["bank"]).cover() }
    #expect(throws: Failure.self) {
      try AggregateArguments.parse(["shop", "bank/\(self.text)"]).cover()
    }
  }
}
