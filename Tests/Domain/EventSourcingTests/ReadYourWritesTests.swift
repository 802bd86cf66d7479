import EventModel
import MemoryStorage
import Testing

@testable import EventSourcing

@Suite(.timeLimit(.minutes(5))) struct ReadYourWritesTests {
  private let store: any DomainStore
  private let marks = LowWaterMarks()

  init() async throws { store = try await memoryStore() }

  private func wait(
    for position: UInt64, partition: UInt32 = 0, root: Root? = nil,
    until deadline: ContinuousClock.Instant = soon
  ) async throws {
    try await ReadYourWrites(marks).wait(
      for: "p", in: store, root: root, toHandle: Position(partition: partition, number: position),
      until: deadline)
  }

  private func append(_ number: UInt8, at first: SequenceNumber = 0) async throws {
    _ = try await store.append(commit(number, at: first, "e"))
  }

  /// A subscription of this process feeds the projector until the task is cancelled.
  private func follow(_ logic: any ProjectorLogic = ConcatenatingProjector()) -> Task<Void, Never> {
    let subscription = Subscription(
      consumer: Projector(name: "p", store: store, logic: logic), store: store, owner: "me",
      mark: marks.mark(of: "p", in: store, partition: 0))
    return Task { await subscription.run() }
  }

  @Test func aQuerySeesWhatItsCallerWrote() async throws {
    let following = follow()
    for number in 1...50 as ClosedRange<UInt8> {
      try await append(number)
      try await wait(for: UInt64(number))
      #expect(try await store.record(of: "p", root: root(number))?.next == 1)
    }
    following.cancel()
  }

  @Test func waitingBeginsBeforeTheCommitIsThere() async throws {
    let following = follow()
    async let waiting: Void = wait(for: 3)
    for number in 1...3 as ClosedRange<UInt8> { try await append(number) }
    try await waiting
    #expect(try await store.record(of: "p", root: root(3))?.next == 1)
    following.cancel()
  }

  @Test func theCheckpointOfAnotherProcessIsSeen() async throws {
    let lease = try #require(try await store.acquire("p/0", owner: "other", duration: .seconds(60)))
    async let waiting: Void = wait(for: 2)
    try await store.advance("p", to: Position(number: 2), holding: lease)
    try await waiting
  }

  @Test func theAggregatesOwnRecordIsEnough() async throws {
    try await append(1)
    let record = ConsumerRecord(
      subscription: "p", root: root(1), next: 1, value: [1], updatedAt: Timestamp(seconds: 1))
    #expect(try await store.save(record, after: 0))
    try await wait(for: 1, root: root(1))
    await #expect(throws: EventSourcingError.self) {
      try await wait(for: 1, root: root(2), until: .now)
    }
  }

  @Test func aProjectorThatIsLateIsNamedAtTheDeadline() async throws {
    let error = await #expect(throws: EventSourcingError.self) {
      try await wait(for: 7, until: .now + .milliseconds(20))
    }
    #expect(error?.code == .timedOut)
    for part in ["projector p", "up to 0", "up to 7"] {
      #expect(error?.message.contains(part) == true)
    }
  }

  @Test func aPartitionThatIsNotThereIsInvalid() async throws {
    let error = await #expect(throws: EventSourcingError.self) {
      try await wait(for: 1, partition: 1)
    }
    #expect(error?.code == .invalid)
  }

  @Test func anIdleSubscriptionSavesItsCheckpointAtOnce() async throws {
    var settings = SubscriptionSettings()
    settings.checkpointInterval = .seconds(3600)
    let subscription = Subscription(
      consumer: Projector(name: "p", store: store, logic: ConcatenatingProjector()), store: store,
      owner: "me", settings: settings, mark: marks.mark(of: "p", in: store, partition: 0))
    let following = Task { await subscription.run() }
    try await append(1)
    let others = ReadYourWrites(LowWaterMarks())
    try await others.wait(for: "p", in: store, toHandle: Position(number: 1), until: soon)
    #expect(try await store.checkpoint(of: "p", partition: 0) == Position(number: 1))
    following.cancel()
  }
}

@Suite(.timeLimit(.minutes(5))) struct LowWaterMarkTests {
  @Test func whoWaitsIsWokenWhenItsNumberIsReached() async {
    let mark = LowWaterMark()
    async let second: Void = mark.wait(for: 2)
    async let first: Void = mark.wait(for: 1)
    mark.raise(to: 1)
    await first
    mark.raise(to: 2)
    await second
    mark.raise(to: 1)
    #expect(mark.number == 2)
    await mark.wait(for: 2)
  }

  @Test func cancellationEndsTheWait() async {
    let mark = LowWaterMark()
    let waiting = Task { await mark.wait(for: 1) }
    waiting.cancel()
    await waiting.value
    #expect(mark.number == 0)
  }
}
