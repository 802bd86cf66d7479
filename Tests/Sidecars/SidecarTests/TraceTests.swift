import EventModel
import OutriderTesting
import RPC
import Sidecars
import Testing

/// `outrider.v1.Trace`, through all that a command passes.
@Suite(.timeLimit(.minutes(5))) struct TraceTests {
  private let harness = SidecarHarness(domains: nil) { _ in eventBook(nil, page("a"), page("b")) }

  /// Sends a command for an aggregate, with the event that led to it.
  private func send(
    _ domain: String, _ number: UInt8, id: String, causedBy cause: (String, UInt8, UInt64)? = nil
  ) async throws {
    let command =
      field(1, cover(root(number), domain)) + field(2, field(3, any("x"))) + field(16, id)
    let origin = cause.map { domain, number, sequence in
      field(18, field(1, cover(root(number), domain)) + field(2, sequence))
    }
    _ = try await harness.send(command + (origin ?? []))
  }

  /// A shop's order, what came of it, and something else.
  private func fill() async throws {
    try await send("shop", 1, id: "order")
    try await send("bank", 1, id: "pay", causedBy: ("shop", 1, 1))
    try await send("post", 1, id: "post", causedBy: ("bank", 1, 0))
    try await send("bank", 2, id: "other")
  }

  /// The command ids of the nodes of the answer, in order.
  private func trace(_ request: Bytes) async throws -> [String] {
    try await nodes(request).map { String(decoding: content(7, of: $0)[0], as: UTF8.self) }
  }

  private func nodes(_ request: Bytes) async throws -> [Bytes] {
    try await harness.read("outrider.v1.Trace", "Get", request)
  }

  private func event(_ domain: String, _ number: UInt8, _ sequence: UInt64) -> Bytes {
    field(1, field(1, cover(root(number), domain)) + field(2, sequence))
  }

  @Test func aTreeIsFoundFromEachOfItsEventsByIDAndByCorrelation() async throws {
    try await fill()
    for request in [
      event("shop", 1, 0), event("bank", 1, 1), event("post", 1, 0), field(2, "order"),
      field(2, "post"), field(3, "order"),
    ] {
      #expect(try await trace(request) == ["order", "pay", "post"])
    }
    #expect(try await trace(field(2, "pay") + field(4, 1)) == ["order", "pay"])
    #expect(try await trace(event("bank", 2, 1)) == ["other"])
  }

  @Test func aNodeTellsItsPlaceAndItsEvents() async throws {
    try await fill()
    let pay = try await nodes(event("bank", 1, 0))[1]
    #expect(value(1, of: pay) == 2)
    #expect(value(2, of: pay) == 1)
    #expect(content(3, of: pay) == [cover(root(1), "bank")])
    #expect(value(5, of: pay) == 2)
    #expect(content(6, of: pay) == [Bytes("T".utf8), Bytes("T".utf8)])
    #expect(content(8, of: pay) == [Bytes("order".utf8)])
    #expect(value(2, of: content(9, of: pay)[0]) == 1)
    #expect(value(11, of: pay) == 1)
    #expect(value(12, of: pay) == 1)
    #expect(value(13, of: pay) == nil)
  }

  @Test func theLimitIsHeld() async throws {
    try await fill()
    let nodes = try await nodes(event("shop", 1, 0) + field(5, 2))
    #expect(nodes.map { value(13, of: $0) } == [nil, 1])
  }

  @Test func domainsThatTheCallerMayNotReadAreLeftOut() async throws {
    try await fill()
    let seen = try await Admission.$authority.withValue(DomainScope.only(["shop", "post"])) {
      (try await trace(event("shop", 1, 0)), try await trace(event("post", 1, 0)))
    }
    #expect(seen.0 == ["order"])
    #expect(seen.1 == ["post"])
  }

  @Test func whatIsMissingOrNotThereIsSaid() async throws {
    try await fill()
    for (request, code): (Bytes, RPCStatus.Code) in [
      ([], .invalidArgument), (event("shop", 9, 0), .notFound), (event("none", 1, 0), .notFound),
      (event("shop", 1, 2), .notFound), (field(2, "nobody"), .notFound),
      (field(3, "nothing"), .notFound),
    ] {
      let status = await #expect(throws: RPCStatus.self) { try await trace(request) }
      #expect(status?.code == code)
    }
  }
}
