import Testing

@testable import SagaRules

@Suite struct TemplateTests {
  @Test func referencesStandInBraces() throws {
    #expect(
      try Template("from {payer.name} at {$time}").parts == [
        .text("from "), .reference(.field(["payer", "name"])), .text(" at "),
        .reference(.fact(.time)),
      ])
    #expect(try Template("{$root}").reference == .fact(.root))
    #expect(try Template("EUR").literal == "EUR")
    #expect(try Template("").literal == "")
    #expect(try Template("{a}{b}").reference == nil)
  }

  @Test func bracesAreWrittenTwice() throws {
    #expect(try Template("{{a}} {b}").parts == [.text("{a} "), .reference(.field(["b"]))])
  }

  @Test(arguments: [
    ("{a", "a { without a }"), ("a}", "a } without a {"), ("{}", "names no field"),
    ("{a..b}", "names no field"), ("{a b}", "names no field"),
    ("{$owner}", "there is no $owner; there are $domain, $root"),
  ])
  func badTemplateIsRefused(text: String, why: String) {
    let error = #expect(throws: TemplateFlaw.self) { try Template(text) }
    #expect(error?.description.contains(why) == true, "\(String(describing: error))")
  }
}
