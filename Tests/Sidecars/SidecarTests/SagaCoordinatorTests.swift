import EventModel
import OutriderTesting
import RPC
import Sidecars
import Testing

/// `evented.SagaCoordinator`, as its clients see it.
@Suite(.timeLimit(.minutes(5))) struct SagaCoordinatorTests {
  /// Its saga notes each event of an aggregate in another one.
  private let harness = SidecarHarness(
    saga: { _ in field(1, eventBook(cover(root(2)), page("noted"))) },
    logic: { _ in eventBook(nil, page("a")) })

  /// What came of the first event of the first aggregate.
  private func handle(by saga: String? = nil) async throws(RPCStatus) -> [[String]] {
    var options = CallOptions()
    if let saga { options.metadata.append("outrider-saga", saga) }
    let answer = try await harness.sagas.unary(
      Method(service: "evented.SagaCoordinator", name: "HandleSync"),
      eventBook(cover(root(1)), page("", num: 0)), options)
    return content(1, of: answer).map(texts)
  }

  /// The events of the second aggregate.
  private func noted() async throws -> [String] {
    let query = field(1, "bank") + field(2, field(1, root(2).bytes))
    return try await harness.read("evented.EventQuery", "GetEvents", query).flatMap(texts)
  }

  @Test func factsAreRecordedOnceAndAnswered() async throws {
    _ = try await harness.send(commandBook(root(1), "x"))
    for _ in 0..<2 {
      #expect(try await handle() == [["noted"]])
      #expect(try await noted() == ["noted"])
    }
  }

  @Test func callIsForTheSagaThatItNames() async throws {
    _ = try await harness.send(commandBook(root(1), "x"))
    #expect(try await handle(by: "another").isEmpty)
    #expect(try await noted().isEmpty)
    #expect(try await handle(by: "s") == [["noted"]])
  }

  @Test func eventThatIsNotStoredIsAskedForAgain() async throws {
    _ = try await harness.send(commandBook(root(3), "x"))
    let status = await #expect(throws: RPCStatus.self) { try await handle() }
    #expect(status?.code == .unavailable)
    #expect(try await noted().isEmpty)
  }
}
