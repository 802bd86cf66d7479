import EventModel
import EventSourcing
import OutriderTesting
import RPC
import Testing

@Suite(.timeLimit(.minutes(5))) struct ParkedTests {
  private let list = Method(service: "outrider.v1.Parked", name: "List")

  private func park(_ numbers: ClosedRange<UInt8>, in harness: SidecarHarness) async throws {
    let store = try await harness.storage.domain("bank")
    for number in numbers {
      _ = try await harness.record(field(1, cover(root(number))) + field(3, page("a")))
      try await store.park(
        ParkedAggregate(
          subscription: "p", root: root(number), firstSequence: 0, reason: "no",
          statusCode: .failedPrecondition,
          tries: 1, parkedAt: Timestamp(seconds: 1)))
    }
    // What is listed where no domain is named are the domains that were asked for.
    _ = try await harness.projectors.unary(list, field(2, "bank"))
  }

  private func roots(_ page: Bytes) -> [Bytes] {
    content(1, of: page).map { content(1, of: content(3, of: $0)[0])[0] }
  }

  @Test func everyParkedAggregateIsOnOnePageAlsoWhereOthersAreTakenOutMeanwhile() async throws {
    let harness = SidecarHarness(projector: { _ in field(4, any("v")) }, logic: { _ in [] })
    try await park(1...5, in: harness)
    var token: Bytes = []
    var seen: [Bytes] = []
    repeat {
      let page = try await harness.projectors.unary(list, field(3, 2) + field(4, token))
      #expect(roots(page).count <= 2)
      for root in roots(page) {
        seen.append(root)
        _ = try await harness.projectors.unary(
          Method(service: "outrider.v1.Parked", name: "Retry"),
          field(1, "p") + field(2, "bank") + field(3, field(1, root)))
      }
      token = content(2, of: page).first ?? []
    } while !token.isEmpty
    #expect(seen == (1...5).map { root($0).bytes })
    #expect(try await roots(harness.projectors.unary(list, [])).isEmpty)
  }

  @Test(arguments: [[1, 2, 3], Array(repeating: 1, count: 17), Array(repeating: 255, count: 20)])
  func aTokenThatListDidNotGiveIsRefused(token: Bytes) async throws {
    let harness = SidecarHarness { _ in [] }
    let status = await #expect(throws: RPCStatus.self) {
      try await harness.projectors.unary(list, field(4, token))
    }
    #expect(status?.code == .invalidArgument)
  }
}
