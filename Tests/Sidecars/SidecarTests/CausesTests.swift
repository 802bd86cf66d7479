import EventModel
import OutriderTesting
import RPC
import Sidecars
import Testing

/// Everything that one request sets off shares one correlation.
@Suite(.timeLimit(.minutes(5))) struct CausesTests {
  private let harness = SidecarHarness(domains: nil) { _ in eventBook(nil, page("a")) }

  /// The correlation of the events that the command leads to.
  private func correlation(of command: Bytes) async throws -> String {
    let book = content(1, of: try await harness.send(command))[0]
    return String(decoding: content(17, of: book)[0], as: UTF8.self)
  }

  private func cause(_ cover: Bytes?, _ sequence: UInt64 = 0, id: String? = nil) -> Bytes {
    field(
      18,
      (cover.map { field(1, $0) } ?? []) + field(2, sequence) + (id.map { field(3, $0) } ?? []))
  }

  @Test func aCommandInheritsTheCorrelationOfItsCause() async throws {
    _ = try await harness.send(commandBook(root(1), "x") + field(17, "business"))
    let caused = commandBook(root(2), "x") + cause(cover(root(1)))
    #expect(try await correlation(of: caused) == "business")
    let further = commandBook(root(3), "x") + cause(cover(root(2)))
    #expect(try await correlation(of: further) == "business")
  }

  @Test func aCauseInAnotherDomainIsFound() async throws {
    let other = field(1, cover(root(1), "shop")) + field(2, field(3, any("x"))) + field(17, "order")
    _ = try await harness.send(other)
    let caused = commandBook(root(2), "x") + cause(cover(root(1), "shop"))
    #expect(try await correlation(of: caused) == "order")
  }

  @Test func withoutACorrelationTheFirstCommandsIdStandsForIt() async throws {
    #expect(try await correlation(of: commandBook(root(1), "x", id: "first")) == "first")
    let caused = commandBook(root(2), "x", id: "second") + cause(cover(root(1)), id: "first")
    #expect(try await correlation(of: caused) == "first")
  }

  @Test func theCallersOwnCorrelationWins() async throws {
    _ = try await harness.send(commandBook(root(1), "x") + field(17, "business"))
    let caused = commandBook(root(2), "x") + field(17, "mine") + cause(cover(root(1)))
    #expect(try await correlation(of: caused) == "mine")
  }

  @Test func aCauseThatIsNotHereLeavesItsCommandsId() async throws {
    let unknown = [cover(root(9)), cover(root(1), "elsewhere")]
    for (number, cover) in unknown.enumerated() {
      let command = commandBook(root(UInt8(number)), "x") + cause(cover, 5, id: "c0")
      #expect(try await correlation(of: command) == "c0")
    }
    #expect(try await harness.storage.domains().contains("elsewhere") == false)
  }

  @Test func aCauseThatTheCallerMayNotReadIsNotLookedUp() async throws {
    _ = try await harness.send(
      field(1, cover(root(1), "secret")) + field(2, field(3, any("x"))) + field(17, "hidden"))
    let caused = commandBook(root(2), "x", id: "own") + cause(cover(root(1), "secret"))
    let seen = try await Admission.$authority.withValue(DomainScope.only(["bank"])) {
      try await correlation(of: caused)
    }
    #expect(seen == "own")
  }

  @Test func factsInheritToo() async throws {
    _ = try await harness.send(commandBook(root(1), "x") + field(17, "business"))
    let answer = try await harness.record(
      eventBook(cover(root(2)), page("a")) + cause(cover(root(1))))
    #expect(content(17, of: content(1, of: answer)[0]) == [Bytes("business".utf8)])
  }
}
