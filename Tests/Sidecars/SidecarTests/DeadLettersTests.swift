import EventModel
import EventSourcing
import MemoryChannel
import OutriderTesting
import RPC
import Sidecars
import Testing
import Wire

@Suite(.timeLimit(.minutes(5))) struct DeadLettersTests {
  private let harness = SidecarHarness(domains: ["bank", "shop"]) { _ in [] }

  /// Letters of a projector, with these ids.
  private func setAside(
    _ ids: [String], by subscription: Name = "p", in domain: Name = "bank", reason: String = "odd"
  ) async throws {
    let consumer = try await harness.channel.consumer(
      of: domain, partition: 0, for: subscription, window: 100)
    for id in ids {
      harness.channel.put(malformed: "odd", into: subscription, of: domain)
      try await consumer.setAside(
        try await consumer.deliveries()[0],
        as: LetterStamp(id: id, reason: reason, setAsideAt: Timestamp(seconds: 7)))
    }
    await consumer.close()
    // Where no domain is named, those are looked at that were asked for.
    _ = try await list(domain: domain)
  }

  private func call<Answer: WireDecodable>(
    _ method: String, _ request: some WireEncodable, as: Answer.Type = Answer.self
  ) async throws -> Answer {
    try Answer(
      wireBytes: try await harness.projectors.unary(
        Method(service: "outrider.v1.DeadLetters", name: method), request.wireBytes))
  }

  private func list(
    _ subscription: Name? = nil, domain: Name? = nil, limit: Int? = nil
  ) async throws -> OutriderV1.ListDeadLettersResponse {
    try await call(
      "List",
      OutriderV1.ListDeadLettersRequest(
        subscription: subscription, domain: domain, limit: limit))
  }

  private func settle(
    _ method: String, _ ids: [String], _ subscription: Name? = nil, domain: Name? = nil
  ) async throws -> OutriderV1.SettleDeadLettersResponse {
    try await call(
      method,
      OutriderV1.SettleDeadLettersRequest(ids: ids, subscription: subscription, domain: domain))
  }

  @Test func lettersAreListedByDomainAndProjector() async throws {
    try await setAside(["1", "2"])
    try await setAside(["3"], by: "q")
    try await setAside(["4"], in: "shop")
    #expect(try await list().letters.map(\.id) == ["1", "2", "3", "4"])
    #expect(try await list("p").letters.map(\.id) == ["1", "2", "4"])
    #expect(try await list("p", domain: "bank").letters.map(\.id) == ["1", "2"])
    let letter = try await list(domain: "shop").letters[0]
    #expect(letter.domain == "shop" && letter.subscription == "p" && letter.reason == "odd")
    #expect(letter.setAsideAt == Timestamp(seconds: 7))
  }

  @Test(arguments: [
    (1, ["1"], true), (3, ["1", "2", "3"], true), (4, ["1", "2", "3", "4"], false),
  ])
  func theListSaysWhereItEnds(limit: Int, ids: [String], hasMore: Bool) async throws {
    try await setAside(["1", "2"])
    try await setAside(["3"], by: "q")
    try await setAside(["4"], in: "shop")
    let page = try await list(limit: limit)
    #expect(page.letters.map(\.id) == ids && page.hasMore == hasMore)
  }

  @Test func aReasonIsCutInTheListAlone() async throws {
    let reason = String(repeating: "é", count: 900)
    try await setAside(["1"], reason: reason)
    #expect(try await list().letters[0].reason == String(reason.prefix(500)))
    let letter = try await call(
      "Get", OutriderV1.GetDeadLetterRequest(id: "1"), as: OutriderV1.DeadLetter.self)
    #expect(letter.reason == reason)
  }

  @Test func lettersOfSeveralProjectorsAreSettledByTheirIds() async throws {
    try await setAside(["1", "2"])
    try await setAside(["3"], by: "q")
    try await setAside(["4"], in: "shop")
    let dropped = try await settle("Drop", ["2", "none", "4"])
    #expect(dropped.count == 2 && dropped.missing == ["none"])
    #expect(try await settle("Retry", ["3"], "p").missing == ["3"])
    #expect(try await settle("Retry", ["3"], "q").count == 1)
    #expect(try await list().letters.map(\.id) == ["1"])
  }

  @Test func allLettersOfOneProjectorAreSettled() async throws {
    try await setAside(["1", "2"])
    try await setAside(["3"], by: "q")
    try await setAside(["4"], in: "shop")
    #expect(try await settle("Retry", [], "p", domain: "bank").count == 2)
    #expect(try await settle("Drop", [], "p").count == 1)
    #expect(try await list().letters.map(\.id) == ["3"])
  }

  @Test func whatIsNotThereIsNotFound() async throws {
    try await setAside(["1"])
    let unknown = await #expect(throws: RPCStatus.self) { try await list("nobody") }
    #expect(unknown?.code == .notFound && unknown?.message.contains("p, q") == true)
    let missing = await #expect(throws: RPCStatus.self) {
      try await call(
        "Get", OutriderV1.GetDeadLetterRequest(id: "2"), as: OutriderV1.DeadLetter.self)
    }
    #expect(missing?.code == .notFound && missing?.message.contains("2") == true)
  }

  @Test(arguments: ["List", "Get", "Retry", "Drop"])
  func withoutAChannelEveryCallSaysSo(method: String) async throws {
    let domains = ServedDomains<ProjectingDomain>(names: ["bank"]) { _ in throw CancellationError()
    }
    let channel = InProcessChannel(Router([.deadLetters(domains, source: "log")]))
    let requests: [String: any WireEncodable] = [
      "List": OutriderV1.ListDeadLettersRequest(), "Get": OutriderV1.GetDeadLetterRequest(id: "1"),
    ]
    let request = requests[method] ?? OutriderV1.SettleDeadLettersRequest(ids: ["1"])
    let status = await #expect(throws: RPCStatus.self) {
      try await channel.unary(
        Method(service: "outrider.v1.DeadLetters", name: method), request.wireBytes)
    }
    #expect(status?.code == .failedPrecondition)
    #expect(status?.message.contains("source is log") == true)
  }

  @Test func domainsOutOfTheCallersReachAreLeftOut() async throws {
    try await setAside(["1"])
    try await setAside(["2"], in: "shop")
    let listed = try await asBankAlone { try await list() }
    #expect(listed.letters.map(\.id) == ["1"])
    let dropped = try await asBankAlone { try await settle("Drop", ["1", "2"]) }
    #expect(dropped.missing == ["2"])
    let status = await #expect(throws: RPCStatus.self) {
      try await asBankAlone { try await list(domain: "shop") }
    }
    #expect(status?.code == .permissionDenied)
    #expect(try await list().letters.map(\.id) == ["2"])
  }

  /// Calls as somebody who may touch one domain only.
  private func asBankAlone<Answer>(_ body: () async throws -> Answer) async throws -> Answer {
    try await Admission.$authority.withValue(DomainScope.only(["bank"])) { try await body() }
  }
}
