import EventModel
import Testing
import Wire

@Suite struct RootNameTests {
  /// As `uuid.uuid5(uuid.NAMESPACE_OID, name)` of Python makes them.
  @Test(arguments: [
    ("ann", "f05acd7b-15d6-5e2b-8431-58abb673d1dd"),
    ("12345-09", "cdc37de2-daea-5153-8878-453e70851175"),
    ("ä", "9eb1dc21-2683-54ec-9031-5ed8cbd944b7"),
  ])
  func nameIsAUUIDOfVersion5(name: String, root: String) {
    #expect(Root(named: name)?.description == root)
  }

  @Test func uuidIsTheRootItself() {
    let root = "0190163d-8694-739b-aea5-966c26f8ad91"
    #expect(Root(named: root)?.description == root)
    #expect(Root(named: "0190163D8694739BAEA5966C26F8AD91")?.description == root)
  }

  @Test func nameHasALength() {
    #expect(Root(named: "") == nil)
    #expect(Root(named: String(repeating: "a", count: 255)) != nil)
    #expect(Root(named: String(repeating: "a", count: 256)) == nil)
  }
}
