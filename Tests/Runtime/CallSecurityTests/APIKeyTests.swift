import RPC
import Testing

@testable import CallSecurity

/// The file of API keys.
@Suite struct APIKeyTests {
  private func table(_ text: String) throws -> APIKeyTable { try APIKeyTable(Array(text.utf8)) }

  private func name(_ text: String, _ id: String, _ secret: String) throws -> CallerName? {
    try table(text).caller(of: id, secret: secret)?.names.first
  }

  private static let keys = """
    # keys of the shop
    web: s3cret, web-shop

    plain:a,b,c
    hashed: sha256:2BB80D537B1DA3E38BD30361AA855686BDE0EACD7162FEF6A25FE97BF527A25B, other
    """

  @Test func aKeyNamesItsCaller() throws {
    #expect(try name(Self.keys, "web", "s3cret") == CallerName(.token, "web-shop"))
    #expect(try name(Self.keys, "plain", "a,b") == CallerName(.token, "c"))
  }

  @Test func aSecretMayBeHashed() throws {
    #expect(try name(Self.keys, "hashed", "secret") == CallerName(.token, "other"))
  }

  @Test func withoutACallerTheIDIsTheName() throws {
    #expect(try name("a: b", "a", "b") == CallerName(.token, "a"))
  }

  @Test(arguments: [
    ("web", "wrong"), ("web", ""), ("nobody", "s3cret"), ("", ""), ("WEB", "s3cret"),
  ])
  func whatIsNoKeyProvesNothing(_ id: String, _ secret: String) throws {
    #expect(try name(Self.keys, id, secret) == nil)
  }

  @Test(arguments: [
    ("web", "line 1: a key is written"), ("\n: x", "line 2: id, secret"), ("a:", "must not be"),
    ("a: b,", "must not be"), ("a: sha256:12", "64 hexadecimal"),
    ("a: sha256:\(String(repeating: "g", count: 64))", "64 hexadecimal"),
    ("a: b\na: c", "line 2: duplicate id a"),
  ]) func aWrongLineIsExplained(_ text: String, _ reason: String) {
    do {
      let table = try table(text)
      Issue.record("\(table)")
    } catch { #expect("\(error)".contains(reason), "\(error)") }
  }
}
