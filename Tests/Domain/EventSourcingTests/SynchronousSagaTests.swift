import Contracts
import EventModel
import Synchronization
import Testing

@testable import EventSourcing

/// What a saga adds to the answer of a command, though its subscriptions may be faster.
@Suite(.timeLimit(.minutes(5))) struct SynchronousSagaTests {
  @Test func whatTheDispatcherCarriedOutFirstIsInTheAnswer() async throws {
    let shipping = try await Shipping()
    let order = EventBook(try await shipping.placeOrder())
    try await shipping.run { try await shipping.isFinished }
    let outcome = try await shipping.synchronous.process(order, deadline: soon)
    // The timer's command follows from no event.
    #expect(outcome.books.map(\.cover.root).sorted() == [root(1), root(2)])
    #expect(outcome.books.allSatisfy { $0.pages.count == 1 })
    #expect(try await shipping.accounts.wholeLog().count == 3)
  }

  @Test func whatTheSubscriptionHandedOverFirstIsAskedForAgain() async throws {
    let logic = ShippingFacts()
    let saga = EventedSaga(name: "ship", logic: logic, recorder: logic)
    let intake = saga.intake(from: try await memoryStore())
    let book = EventBook(commit(at: 0, "e"))
    _ = try await intake.handle(book, deadline: soon)
    let outcome = try await saga.synchronous(fedBy: intake).process(book, deadline: soon)
    #expect(logic.calls.withLock { $0 } == ["handle", "handleSynchronously"])
    #expect(outcome.books.map(\.cover) == [cover(2)])
  }
}

/// Answers a fact, and records it nowhere.
private final class ShippingFacts: EventedSagaLogic, FactRecorder {
  let calls = Mutex<[String]>([])

  func handle(
    _ book: EventBook, deadline: ContinuousClock.Instant
  ) async throws(LogicError) { calls.withLock { $0.append("handle") } }

  func handleSynchronously(
    _ book: EventBook, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> (facts: [ProposedBook], projections: [Projection]) {
    calls.withLock { $0.append("handleSynchronously") }
    return ([ProposedBook(cover: cover(2), pages: [])], [])
  }

  func record(
    _ book: ProposedBook, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> EventBook? {
    book.cover.map { EventBook(cover: $0, pages: PageBlock(emptyAt: .first)) }
  }
}
