import Payloads
import RPC
import Synchronization
import Testing
import Timing

@Suite(.timeLimit(.minutes(1))) struct AvroTypesTests {
  /// JSON of a domain that has a schema must not be taken for plain JSON meanwhile.
  @Test func aServerThatCannotTellIsAskedAgainAndOneThatKnowsNoneIsBelieved() async throws {
    let (questions, minutes) = (Counter(), Counter())
    let schemas = Service(
      "outrider.v1.Schemas",
      [
        "Get": .unary { _, _ in
          throw RPCStatus(questions.next() == 2 ? .notFound : .unavailable, "no")
        }
      ])
    let client = SchemaClient(InProcessChannel(Router([schemas])))
    let (start, live) = (ContinuousClock.now, Environment.live)
    let types = AvroTypes(
      environment: Environment(
        now: live.now, instant: { start + .seconds(60 * minutes.count) }, sleep: live.sleep,
        random: live.random))
    let status = await #expect(throws: RPCStatus.self) {
      try await types.typeURL(named: "Noted", of: "bank", from: client)
    }
    #expect(status?.code == .unavailable)
    for _ in 0..<3 {
      #expect(try await types.typeURL(named: "Noted", of: "bank", from: client) == nil)
    }
    #expect(questions.count == 2)
    // What it told last counts while it cannot be asked again.
    _ = minutes.next()
    #expect(try await types.typeURL(named: "Noted", of: "bank", from: client) == nil)
    #expect(questions.count == 3)
  }
}

private final class Counter: Sendable {
  private let value = Atomic(0)

  var count: Int { value.load(ordering: .relaxed) }

  func next() -> Int { value.add(1, ordering: .relaxed).newValue }
}
