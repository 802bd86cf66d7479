import Contracts
import EventModel
import MemoryStorage
import Testing
import Timing

@testable import EventSourcing

/// A consumer whose records are written before the checkpoint moves past them, and not before.
@Suite(.timeLimit(.minutes(1))) struct LateRecordsTests {
  private let calls = StoreCalls()
  private let logic = ConcatenatingProjector()

  private struct Scene {
    var store: any DomainStore
    var consumer: Projector
    var books: [EventBook]
  }

  private func scene() async throws -> Scene {
    let store = InterceptedStore(try await MemoryStorage().domain(bank), calls)
    var books: [EventBook] = []
    for commit in [commit(at: 0, "a"), commit(at: 1, "b"), commit(at: 2, "c")] {
      _ = try await store.append(commit)
      books.append(EventBook(commit))
    }
    let consumer = Projector(
      name: "p", joinsCommits: false, remembersProgress: true, store: store,
      logic: StoringLogic(logic), environment: .impatient)
    return Scene(store: store, consumer: consumer, books: books)
  }

  @Test func manyBooksOfAnAggregateAreOneWrite() async throws {
    let scene = try await scene()
    scene.consumer.begin()
    for book in scene.books { try await scene.consumer.consume(book, deadline: soon) }
    #expect(calls.count(of: .save) == 0)
    #expect(try await scene.consumer.next(of: root(1)) == 3)
    try await scene.consumer.save()
    try await scene.consumer.save()
    #expect(calls.count(of: .save) == 1)
    #expect(try await scene.store.record(of: "p", root: root(1))?.next == 3)
    #expect(logic.timesCalled == 3)
  }

  @Test func whereNoSubscriptionIsActiveRecordsAreWrittenAtOnce() async throws {
    let scene = try await scene()
    try await scene.consumer.consume(scene.books[0], deadline: soon)
    #expect(try await scene.store.record(of: "p", root: root(1))?.next == 1)
  }

  @Test func whereItIsActiveNoMoreNothingWaits() async throws {
    let scene = try await scene()
    scene.consumer.begin()
    try await scene.consumer.consume(scene.books[0], deadline: soon)
    await scene.consumer.end()
    #expect(try await scene.store.record(of: "p", root: root(1))?.next == 1)
    try await scene.consumer.consume(scene.books[1], deadline: soon)
    #expect(try await scene.store.record(of: "p", root: root(1))?.next == 2)
  }

  @Test func whatWasNotWrittenComesAgainAfterTheSubscriptionBegins() async throws {
    let scene = try await scene()
    scene.consumer.begin()
    try await scene.consumer.consume(scene.books[0], deadline: soon)
    scene.consumer.begin()
    try await scene.consumer.consume(scene.books[0], deadline: soon)
    #expect(logic.handled.map(\.1) == [0, 0])
  }

  @Test func aProcessThatHasComeFurtherIsNotSetBack() async throws {
    let scene = try await scene()
    scene.consumer.begin()
    try await scene.consumer.consume(scene.books[0], deadline: soon)
    let other = Projector(
      name: "p", joinsCommits: false, store: scene.store, logic: StoringLogic(logic))
    try await other.consume(scene.books[2], deadline: soon)
    #expect(try await scene.store.record(of: "p", root: root(1))?.next == 3)
    try await scene.consumer.save()
    #expect(try await scene.store.record(of: "p", root: root(1))?.next == 3)
    #expect(try await scene.consumer.next(of: root(1)) == 3)
  }

  @Test func whatIsSkippedIsBehindWhatWaitsToBeWritten() async throws {
    let scene = try await scene()
    scene.consumer.begin()
    try await scene.consumer.consume(scene.books[0], deadline: soon)
    try await scene.consumer.skip(root(1), upTo: 2)
    #expect(try await scene.store.record(of: "p", root: root(1))?.next == 2)
    try await scene.consumer.consume(scene.books[1], deadline: soon)
    try await scene.consumer.consume(scene.books[2], deadline: soon)
    #expect(logic.handled.map(\.1) == [0, 2])
  }

  @Test func aProjectionIsWrittenAtOnceBehindWhatWaited() async throws {
    let scene = try await scene()
    let consumer = Projector(
      name: "p", joinsCommits: false, remembersProgress: true, store: scene.store,
      logic: LastOfThree(), environment: .impatient)
    consumer.begin()
    for book in scene.books { try await consumer.consume(book, deadline: soon) }
    #expect(try await scene.store.record(of: "p", root: root(1))?.next == 3)
    try await consumer.save()
    #expect(calls.count(of: .save) == 2)
  }

  @Test func anAggregateThatHasEndedNeedsNoRecord() async throws {
    let scene = try await scene()
    let consumer = Projector(
      name: "p", joinsCommits: false, remembersProgress: true, store: scene.store,
      logic: LastOfThree(isEnd: true), environment: .impatient)
    consumer.begin()
    for book in scene.books { try await consumer.consume(book, deadline: soon) }
    try await consumer.save()
    #expect(calls.count(of: .save) == 0)
    // Where no subscription is active, it is written all the same: a person may want to see it.
    await consumer.end()
    try await consumer.consume(scene.books[2], deadline: soon)
    #expect(try await scene.store.record(of: "p", root: root(1))?.next == 3)
  }

  @Test func moreAggregatesThanItHoldsAreWrittenAtOnce() async throws {
    let store = try await MemoryStorage().domain(bank)
    let records = LateRecords(in: store, countMax: 1)
    records.begin()
    #expect(records.take(.of(root(1), next: 1), after: 0))
    #expect(!records.take(.of(root(2), next: 1), after: 0))
    #expect(records.take(.of(root(1), next: 2), after: 1))
    try await records.writeAll()
    #expect(records.take(.of(root(2), next: 1), after: 0))
  }

  @Test func aStoreThatIsAwayLosesNoRecord() async throws {
    let memory = try await MemoryStorage().domain(bank)
    let records = LateRecords(in: InterceptedStore(memory, .failing(.save, at: 1)))
    records.begin()
    _ = records.take(.of(root(1), next: 1), after: 0)
    await #expect(throws: StorageError.self) { try await records.writeAll() }
    try await records.writeAll()
    #expect(try await memory.record(of: "p", root: root(1))?.next == 1)
  }
}

extension ConsumerRecord {
  fileprivate static func of(_ root: Root, next: SequenceNumber) -> ConsumerRecord {
    ConsumerRecord(
      subscription: "p", root: root, next: next, value: nil, updatedAt: Timestamp(seconds: 1))
  }
}

/// Keeps the events elsewhere: their records need not be written at once.
private struct StoringLogic: BookLogic {
  private let logic: ConcatenatingProjector

  init(_ logic: ConcatenatingProjector) { self.logic = logic }

  func handle(
    _ book: EventBook, previous: Projection?, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Handled {
    _ = try await logic.project(book, previous: previous, deadline: deadline)
    return .stored
  }
}

/// Keeps the first two events elsewhere, and needs a record of the third, unless that is the end.
private struct LastOfThree: BookLogic {
  var isEnd = false

  func handle(
    _ book: EventBook, previous: Projection?, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Handled {
    book.pages.first < 2 ? .stored : isEnd ? .ended : .projected(nil)
  }
}
