import EventModel
import EventSourcing
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct ParkingLotTests {
  private let store: any DomainStore
  /// The text that the logic refuses now.
  private let refused = RefusedText()

  final class RefusedText: Sendable {
    private let text = Mutex<String?>("b")
    var now: String? {
      get { text.withLock { $0 } }
      set { text.withLock { $0 = newValue } }
    }
  }

  init() async throws {
    store = try await memoryStore()
    for (index, text) in ["a", "b", "c"].enumerated() {
      _ = try await store.append(commit(at: SequenceNumber(UInt32(index)), text))
    }
    try await store.park(
      ParkedAggregate(
        subscription: "p", root: root(1), firstSequence: 1, reason: "no",
        statusCode: .failedPrecondition, tries: 5,
        parkedAt: Timestamp(seconds: 1)))
  }

  private func lot() -> ParkingLot {
    let logic = ConcatenatingProjector { [refused] book, _ in
      texts(book.pages).contains { $0 == refused.now } ? .refused(Refusal()) : nil
    }
    let projector = Projector(name: "p", store: store, logic: logic, environment: .impatient)
    return parkingLot(of: projector, store, environment: .impatient)
  }

  private func value() async throws -> String {
    let record = try await store.record(of: "p", root: root(1))
    return String(decoding: record?.value ?? [], as: UTF8.self)
  }

  @Test func aRetryCatchesUpAndTakesTheAggregateOut() async throws {
    refused.now = nil
    #expect(try await lot().retry("p", root: root(1)) == nil)
    #expect(try await value() == "abc")
    #expect(try await store.parked(by: "p", after: nil, limit: 10).isEmpty)
  }

  @Test func aRetryThatFailsLeavesItParkedAtTheEventThatWasRefused() async throws {
    let parked = try await lot().retry("p", root: root(1))
    #expect(parked?.firstSequence == 1)
    #expect(parked?.tries == 6)
    #expect(try await value() == "a")
    #expect(try await store.parked(by: "p", after: nil, limit: 10).count == 1)
  }

  @Test func aSkipLeavesOutTheRefusedEventOnly() async throws {
    _ = try await lot().retry("p", root: root(1))
    #expect(try await lot().skip("p", root: root(1)) == nil)
    #expect(try await value() == "ac")
    #expect(try await store.parked(by: "p", after: nil, limit: 10).isEmpty)
  }

  @Test func aSkipBeyondTheStreamIsRefused() async throws {
    let error = await #expect(throws: EventSourcingError.self) {
      try await lot().skip("p", root: root(1), through: 3)
    }
    #expect(error?.code == .precondition)
  }

  @Test func whatIsNotParkedCannotBeRetried() async throws {
    for (subscription, number) in [("p", 2), ("q", 1)] as [(Name, UInt8)] {
      let error = await #expect(throws: EventSourcingError.self) {
        try await lot().retry(subscription, root: root(number))
      }
      #expect(error?.code == .notFound)
    }
  }
}
