import Contracts
import EventModel
import EventSourcing
import MemoryStorage
import Testing

/// How far a consumer has come with an aggregate that is younger than its run need not be asked.
@Suite(.timeLimit(.minutes(1))) struct NewAggregatesTests {
  private let calls = StoreCalls()
  private let logic = ConcatenatingProjector()
  private let store: any DomainStore

  init() async throws {
    store = InterceptedStore(try await memoryStore(), calls)
    // Somebody has worked for this subscription before.
    _ = try await store.append(commit(1, at: 0, "a"))
    _ = try await projector.handle(EventBook(commit(1, at: 0, "a")), deadline: soon)
  }

  private var projector: Projector {
    Projector(name: "p", store: store, logic: logic, environment: .impatient)
  }

  /// The projection of an aggregate, and how many records were read to make it.
  private struct Delivered: Equatable {
    var value: String
    var lookUps: Int
  }

  /// Stores an aggregate's first commit while the subscription runs, and waits for its delivery.
  private func deliver(
    _ first: Commit, beforeItsDelivery: () async throws -> Void = {}
  ) async throws -> Delivered {
    let subscription = Subscription(
      consumer: projector, store: store, owner: "me", environment: .impatient)
    return try await withThrowingTaskGroup { group in
      group.addTask { await subscription.run() }
      try await until { try await store.checkpoint(of: "p", partition: 0).number >= 1 }
      let before = calls.count(of: .record)
      try await beforeItsDelivery()
      _ = try await store.append(first)
      try await until { try await store.checkpoint(of: "p", partition: 0).number >= 2 }
      let lookUps = calls.count(of: .record) - before
      group.cancelAll()
      let record = try await store.record(of: "p", root: first.cover.root)
      return Delivered(
        value: String(decoding: record?.value ?? [], as: UTF8.self), lookUps: lookUps)
    }
  }

  private func until(_ condition: () async throws -> Bool) async throws {
    while try await !condition() {
      try Task.checkCancellation()
      await Task.yield()
    }
  }

  @Test func noRecordOfItIsLookedFor() async throws {
    #expect(try await deliver(commit(2, at: 0, "b")) == Delivered(value: "b", lookUps: 0))
  }

  @Test func oneOfWhichACommandWaitsIsLookedFor() async throws {
    var first = commit(2, at: 0, "b")
    first.pages = PageBlock(emptyAt: 0)
    first.pages.append(
      EventPage(
        sequence: 0, createdAt: Timestamp(seconds: 1), synchronous: true, body: event("b")))
    #expect(try await deliver(first) == Delivered(value: "b", lookUps: 1))
  }

  @Test func whatAnotherProcessHandledMeanwhileIsDropped() async throws {
    let first = commit(2, at: 0, "b")
    let delivered = try await deliver(first) {
      let other = ConsumerRecord(
        subscription: "p", root: first.cover.root, next: 1, value: Bytes("other".utf8),
        updatedAt: Timestamp(seconds: 1))
      let isSaved = try await store.save(other, after: 0)
      #expect(isSaved)
    }
    #expect(delivered == Delivered(value: "other", lookUps: 1))
    #expect(logic.timesCalled == 2)
  }
}
