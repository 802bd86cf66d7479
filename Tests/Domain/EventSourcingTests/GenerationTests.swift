import EventModel
import Synchronization
import Testing
import Timing

@testable import EventSourcing

@Suite struct ProjectionGenerationsTests {
  private var generations = ProjectionGenerations(of: "p")

  @Test mutating func aSwitchMakesTheCandidateLiveAndKeepsTheOldOne() throws {
    try generations.begin(throttle: 5)
    #expect(generations.fed == [1, 2].map(Generation.init))
    try generations.switchToCandidate()
    #expect(generations.live == Generation(2))
    #expect(generations.previous == .first)
    #expect(generations.throttle == nil)
    try generations.rollBack()
    #expect(generations.live == .first)
    try generations.rollBack()
    #expect(generations.live == Generation(2))
  }

  @Test mutating func whatWasLiveBeforeThePreviousOneIsDropped() throws {
    for _ in 1...2 {
      try generations.begin(throttle: nil)
      try generations.switchToCandidate()
    }
    #expect(generations.fed == [3, 2].map(Generation.init))
    #expect(generations.dropped == [.first])
    generations.removed(.first)
    #expect(generations.dropped.isEmpty)
  }

  @Test mutating func aNumberIsNeverGivenTwice() throws {
    try generations.begin(throttle: nil)
    try generations.drop(Generation(2))
    try generations.begin(throttle: nil)
    #expect(generations.candidate == Generation(3))
  }

  @Test mutating func whatDoesNotFitIsRefused() throws {
    #expect(throws: EventSourcingError.self) { try generations.switchToCandidate() }
    #expect(throws: EventSourcingError.self) { try generations.rollBack() }
    #expect(throws: EventSourcingError.self) { try generations.drop(.first) }
    #expect(throws: EventSourcingError.self) { try generations.drop(Generation(7)) }
    try generations.begin(throttle: nil)
    #expect(throws: EventSourcingError.self) { try generations.begin(throttle: nil) }
    #expect(generations.fed == [1, 2].map(Generation.init))
  }

  @Test mutating func theStoredFormComesBackAsItWas() throws {
    for _ in 1...2 {
      try generations.begin(throttle: nil)
      try generations.switchToCandidate()
    }
    try generations.begin(throttle: 1000)
    let record = ConsumerRecord(
      subscription: ProjectionGenerations.registryName, root: root(1), next: 1,
      value: generations.value, updatedAt: Timestamp(seconds: 1))
    #expect(try ProjectionGenerations(record, of: "p") == generations)
  }

  @Test func aFormOfALaterVersionIsRefused() {
    let record = ConsumerRecord(
      subscription: ProjectionGenerations.registryName, root: root(1), next: 1,
      value: RecordValue.value(of: [2, 0]), updatedAt: Timestamp(seconds: 1))
    #expect(throws: StorageError.self) { try ProjectionGenerations(record, of: "p") }
  }
}

@Suite(.timeLimit(.minutes(5))) struct RebuildTests {
  private let store: any DomainStore
  private let live = LiveGenerations(environment: .impatient)

  init() async throws { store = try await memoryStore() }

  /// Its projections are the events' texts, and a mark of the logic's version before each.
  private func projector() -> DomainProjector {
    DomainProjector(name: "p", store: store, live: live) { [store] generation in
      Projector(
        name: "p", generation: generation, store: store,
        logic: MarkingProjector(mark: generation == .first ? "old " : "new "))
    }
  }

  private var rebuild: Rebuild {
    Rebuild(
      of: "p", store: store, live: live, readYourWrites: ReadYourWrites(LowWaterMarks()))
  }

  private func value(_ generation: UInt32, _ number: UInt8 = 1) async throws -> String? {
    let name = Generation(generation).subscription(of: "p")
    return try await store.record(of: name, root: root(number))?.value
      .map { String(decoding: $0, as: UTF8.self) }
  }

  /// Feeds all generations while `body` runs.
  private func feeding(_ body: () async throws -> Void) async throws {
    let projector = projector()
    let feeder = GenerationFeeder(
      of: "p", store: store, live: live, owner: "me", environment: .impatient
    ) { [store] feed in
      await Subscription(
        consumer: projector.projector(of: feed.generation), store: store,
        throttle: feed.throttle, owner: "me", environment: .impatient
      ).run()
    }
    try await withThrowingTaskGroup { group in
      group.addTask { await feeder.run() }
      try await body()
      group.cancelAll()
    }
  }

  private func eventually(_ condition: () async throws -> Bool) async throws {
    while try await !condition() {
      try Task.checkCancellation()
      await Task.yield()
    }
  }

  @Test func aCandidateIsBuiltBesideAndSwitchedToAndBack() async throws {
    _ = try await store.append(commit(1, at: 0, "a"))
    try await feeding {
      try await eventually { try await value(1) == "old a" }
      try await rebuild.begin(throttle: nil)
      try await eventually { try await value(2) == "new a" }
      #expect(try await live.generation(of: "p", in: bank, store) == .first)
      try await rebuild.switchOver(evenIfParked: false, until: soon)
      #expect(try await live.generation(of: "p", in: bank, store) == Generation(2))
      // The old one is fed on.
      _ = try await store.append(commit(1, at: 1, "b"))
      try await eventually {
        let values = try await (value(1), value(2))
        return values == ("old aold b", "new anew b")
      }
      try await rebuild.rollBack()
      #expect(try await live.generation(of: "p", in: bank, store) == .first)
      try await rebuild.drop(Generation(2))
      try await eventually {
        let isDropped = try await GenerationRegistry(store).find("p").dropped.isEmpty
        return try await value(2) == nil && isDropped
      }
      #expect(try await value(1) == "old aold b")
    }
  }

  @Test func onlyWhatQueriesReadIsWrittenPromptly() async throws {
    try await rebuild.begin(throttle: nil)
    let urgencies = Mutex<[Generation: WriteUrgency]>([:])
    let feeder = GenerationFeeder(
      of: "p", store: store, live: live, owner: "me", environment: .impatient
    ) { feed in
      urgencies.withLock { $0[feed.generation] = WriteUrgency.current }
    }
    try await withThrowingTaskGroup { group in
      group.addTask { await feeder.run() }
      try await eventually { urgencies.withLock { $0.count } == 2 }
      group.cancelAll()
    }
    #expect(urgencies.withLock { $0 } == [.first: .prompt, Generation(2): .background])
  }

  @Test func aThrottledCandidateIsBuiltToo() async throws {
    for number in 1...5 as ClosedRange<UInt8> {
      _ = try await store.append(commit(number, at: 0, "a"))
    }
    try await rebuild.begin(throttle: 10)
    try await feeding { try await eventually { try await value(2, 5) == "new a" } }
    #expect(try await value(2, 1) == "new a")
  }

  @Test func theFirstDifferenceIsNamed() async throws {
    for number in 1...3 as ClosedRange<UInt8> {
      _ = try await store.append(commit(number, at: 0, "a"))
    }
    try await rebuild.begin(throttle: nil)
    try await feeding {
      try await eventually {
        let values = try await (value(1, 3), value(2, 3))
        return values == ("old a", "new a")
      }
      let difference = try #require(try await rebuild.compare { _ in })
      #expect(difference.root == root(1))
      #expect(difference.old?.value == Bytes("old a".utf8))
      #expect(difference.new?.value == Bytes("new a".utf8))
    }
  }

  @Test func equalGenerationsHaveNoDifferenceWhileOneIsBehind() async throws {
    for name in ["p", "p/2"] as [Name] {
      for number in 1...3 as ClosedRange<UInt8> {
        #expect(try await store.save(record(name, number, next: 1, "a"), after: 0))
      }
    }
    #expect(try await store.save(record("p", 2, next: 2, "ab"), after: 1))
    try await rebuild.begin(throttle: nil)
    // What is behind catches up while it is waited for.
    async let difference = rebuild.compare { _ in }
    #expect(try await store.save(record("p/2", 2, next: 2, "ab"), after: 1))
    let found = try await difference
    #expect(found == nil)
  }

  @Test func whatArrivedDuringAWaitIsNotWaitedFor() async throws {
    for number in 1...3 as ClosedRange<UInt8> {
      #expect(try await store.save(record("p", number, next: 1, "a"), after: 0))
    }
    try await rebuild.begin(throttle: nil)
    let waits = Mutex(0)
    var environment = Environment.live
    environment.sleep = { [store] _ in
      waits.withLock { $0 += 1 }
      for number in 1...3 as ClosedRange<UInt8> {
        _ = try await store.save(record("p/2", number, next: 1, "a"), after: 0)
      }
    }
    let rebuild = Rebuild(
      of: "p", store: store, live: live, readYourWrites: ReadYourWrites(LowWaterMarks()),
      environment: environment)
    #expect(try await rebuild.compare { _ in } == nil)
    #expect(waits.withLock { $0 } == 1)
  }

  @Test func aCandidateThatParkedWhatFlowsElsewhereIsNotSwitchedTo() async throws {
    try await rebuild.begin(throttle: nil)
    try await store.park(
      ParkedAggregate(
        subscription: "p/2", root: root(1), firstSequence: 0, reason: "no",
        statusCode: .failedPrecondition, tries: 8, parkedAt: Timestamp(seconds: 1)))
    let refusal = await #expect(throws: EventSourcingError.self) {
      try await rebuild.switchOver(evenIfParked: false, until: soon)
    }
    #expect(refusal?.code == .precondition)
    try await rebuild.switchOver(evenIfParked: true, until: soon)
    #expect(try await rebuild.status().generations.live == Generation(2))
  }
}

private func record(
  _ name: Name, _ number: UInt8, next: SequenceNumber, _ value: String
) -> ConsumerRecord {
  ConsumerRecord(
    subscription: name, root: root(number), next: next, value: Bytes(value.utf8),
    updatedAt: Timestamp(seconds: 1))
}

/// Appends the texts of the events to the projection, each behind a mark.
private struct MarkingProjector: ProjectorLogic {
  let mark: String

  func project(
    _ book: EventBook, previous: Projection?, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Bytes? {
    (previous?.value ?? []) + texts(book.pages).flatMap { Bytes((mark + $0).utf8) }
  }
}
