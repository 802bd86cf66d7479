import EventModel
import Testing

@Suite struct VocabularyTests {
  /// The second one begins with a combining accent.
  @Test(arguments: ["bank", "\u{301}bank", "$", ""] as [Name])
  func internalDomainsNameWhatTheyBelongTo(_ name: Name) {
    #expect(Name.commands(of: name).domainOfCommands == name)
    #expect(Name.saga(name).sagaOfDomain == name)
    #expect(Name.schemas(of: name).domainOfSchemas == name)
    #expect(Name.commands(of: name).sagaOfDomain == nil)
    #expect(name.domainOfCommands == nil)
  }
}
