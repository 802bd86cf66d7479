import EventModel
import Testing

@testable import SQLiteStorage

/// Stored data depends on these names: they never change.
@Suite struct FileNameTests {
  private static let names: [(domain: Name, stem: String)] = [
    ("bank", "bank"), ("a.b", "a.b"), (".hidden.x", "%2Ehidden.x"),
    ("Ünïcode", "%C3%9Cn%C3%AFcode"), ("a/b~c d%\u{7}", "a%2Fb%7Ec%20d%25%07"),
    (
      Name(String(repeating: "x", count: 244)), String(repeating: "x", count: 244)
    ),
    (
      Name(String(repeating: "x", count: 300)),
      String(repeating: "x", count: 179)
        + "~0d4e2ca9e9cbced7a7a5380eb29e1a3783b9b6d0db72de36a1051038e1c1fbc7"
    ),
    (
      Name(String(repeating: "ü", count: 60) + "end"),
      String(repeating: "%C3%BC", count: 29)
        + "%C3%B~3014bcad6d9605a962e7d1e55041a2a0c6ca7ae499b35598497465b20bacbebb"
    ),
    (
      Name("." + String(repeating: "y", count: 244)),
      "%2E" + String(repeating: "y", count: 176)
        + "~814f6f7f5b9773e5516146d8b01a42ad3bf909c0115d5400f79fe42c4af8f05a"
    ),
  ]

  @Test(arguments: names) func domainHasItsFile(_ domain: Name, _ stem: String) async throws {
    try await withTemporaryDirectory { path in
      let directory = try DataDirectory(path)
      #expect(directory.path(of: domain) == "\(path)/\(stem).db")
    }
  }
}
