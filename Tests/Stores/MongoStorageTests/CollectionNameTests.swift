import EventModel
import Testing

@testable import MongoStorage

/// Stored data depends on these names: they never change.
@Suite struct CollectionNameTests {
  private static let names: [(domain: Name, place: String)] = [
    ("bank", "bank"), ("a.b", "a%2Eb"), (".hidden.x", "%2Ehidden%2Ex"),
    ("Ünïcode", "%C3%9Cn%C3%AFcode"), ("a/b~c d%\u{7}", "a/b%7Ec%20d%25%07"),
    (
      Name(String(repeating: "x", count: 182)), String(repeating: "x", count: 182)
    ),
    (
      Name(String(repeating: "x", count: 300)),
      String(repeating: "x", count: 117)
        + "~0d4e2ca9e9cbced7a7a5380eb29e1a3783b9b6d0db72de36a1051038e1c1fbc7"
    ),
    (
      Name(String(repeating: "ü", count: 60) + "end"),
      String(repeating: "%C3%BC", count: 19)
        + "%C3~3014bcad6d9605a962e7d1e55041a2a0c6ca7ae499b35598497465b20bacbebb"
    ),
  ]

  @Test(arguments: names) func domainHasItsCollections(_ domain: Name, _ place: String) {
    let names = CollectionNames(domain: domain)
    #expect(names.commits == "commits.\(place)")
    #expect(names.agenda == "agenda.\(place)")
  }
}
