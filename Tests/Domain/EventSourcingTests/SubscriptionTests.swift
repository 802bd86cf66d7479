import EventModel
import EventSourcing
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct SubscriptionTests {
  private let store: any DomainStore

  init() async throws { store = try await memoryStore() }

  /// Runs a subscription until the projector's records satisfy the condition.
  private func run(
    _ logic: any ProjectorLogic = ConcatenatingProjector(),
    settings: SubscriptionSettings = SubscriptionSettings(), owner: Name = "me",
    observe: @escaping @Sendable (SubscriptionEvent) -> Void = { _ in },
    until isDone: (any DomainStore) async throws -> Bool
  ) async throws {
    let projector = Projector(name: "p", store: store, logic: logic, environment: .impatient)
    let subscription = Subscription(
      consumer: projector, store: store, owner: owner, settings: settings,
      environment: .impatient, observe: observe)
    try await withThrowingTaskGroup { group in
      group.addTask { await subscription.run() }
      while try await !isDone(store) {
        try Task.checkCancellation()
        await Task.yield()
      }
      group.cancelAll()
    }
  }

  private func value(_ number: UInt8) async throws -> String {
    let record = try await store.record(of: "p", root: root(number))
    return String(decoding: record?.value ?? [], as: UTF8.self)
  }

  @Test func everyAggregateIsBroughtUpToDate() async throws {
    for number in 1...20 as ClosedRange<UInt8> {
      _ = try await store.append(commit(number, at: 0, "a"))
      _ = try await store.append(commit(number, at: 1, "b", "c"))
    }
    try await run { store in
      for number in 1...20 as ClosedRange<UInt8> {
        guard try await value(number) == "abc" else { return false }
      }
      return true
    }
    #expect(try await store.checkpoint(of: "p", partition: 0).number == 40)
  }

  @Test(arguments: [(WriteUrgency.prompt, 5), (.background, 2)])
  func fewDeliveriesAreUnderWayInTheBackground(_ urgency: WriteUrgency, _ limit: Int) async throws {
    for number in 1...20 as ClosedRange<UInt8> {
      _ = try await store.append(commit(number, at: 0, "a"))
    }
    let logic = WaitingProjector()
    var settings = SubscriptionSettings()
    (settings.deliveriesMax, settings.backgroundDeliveriesMax) = (5, 2)
    try await WriteUrgency.$current.withValue(urgency) {
      try await run(logic, settings: settings) { store in
        // All that may come are there before one goes on.
        if logic.waiting == limit { logic.goOn() }
        return try await store.checkpoint(of: "p", partition: 0).number == 20
      }
    }
    #expect(logic.mostAtOnce == limit)
  }

  @Test func whatWaitsForABusyConsumerIsJoined() async throws {
    for sequence in 0..<50 as Range<UInt32> {
      for number in 1...4 as ClosedRange<UInt8> {
        _ = try await store.append(commit(number, at: SequenceNumber(sequence), "e"))
      }
    }
    let underWay = Counter()
    let most = Mutex(0)
    let logic = ConcatenatingProjector { _, _ in
      let count = underWay.add(1)
      defer { underWay.add(-1) }
      most.withLock { $0 = max($0, count) }
      return nil
    }
    var settings = SubscriptionSettings()
    settings.deliveriesMax = 1
    try await run(logic, settings: settings) { store in
      try await store.checkpoint(of: "p", partition: 0).number == 200
    }
    let reached = most.withLock { $0 }
    #expect(reached == 1)
    #expect(try await value(4) == String(repeating: "e", count: 50))
    // While the first aggregate was with the logic, all commits of the others arrived.
    let books = logic.handled.filter { $0.0 == root(4) }
    #expect(books.count == 1)
  }

  @Test func newEventsArriveAsTheyAreAppended() async throws {
    _ = try await store.append(commit(at: 0, "a"))
    var appended = false
    try await run { store in
      if try await value(1) == "a", !appended {
        appended = true
        _ = try await store.append(commit(at: 1, "b"))
      }
      return try await value(1) == "ab"
    }
    #expect(try await value(1) == "ab")
  }

  @Test func aPoisonedAggregateIsParkedAndAllOthersFlowOn() async throws {
    for number in 1...3 as ClosedRange<UInt8> {
      _ = try await store.append(commit(number, at: 0, "a"))
      _ = try await store.append(commit(number, at: 1, "b"))
    }
    let poison = ConcatenatingProjector { book, _ in
      book.cover.root == root(2) && texts(book.pages).contains("b") ? .refused(Refusal()) : nil
    }
    try await run(poison) { store in
      let parked = try await store.parked(by: "p", after: nil, limit: 10)
      let others = try await (value(1), value(3))
      return !parked.isEmpty && others == ("ab", "ab")
    }
    let parked = try await store.parked(by: "p", after: nil, limit: 10)
    #expect(parked.map(\.root) == [root(2)])
    #expect(parked[0].firstSequence == 1)
    #expect(parked[0].reason == "no")
    #expect(parked[0].statusCode == .failedPrecondition)
    #expect(try await value(2) == "a")
    #expect(try await store.checkpoint(of: "p", partition: 0).number == 6)
  }

  @Test func logicThatIsAwayIsTriedForEverAndNothingIsParked() async throws {
    _ = try await store.append(commit(at: 0, "a"))
    let logic = ConcatenatingProjector { _, count in count < 50 ? .unavailable("away") : nil }
    try await run(logic) { _ in try await value(1) == "a" }
    #expect(logic.timesCalled == 50)
    #expect(try await store.parked(by: "p", after: nil, limit: 10).isEmpty)
  }

  @Test func theCheckpointStaysBeforeWhatIsNotHandled() async throws {
    _ = try await store.append(commit(1, at: 0, "a"))
    _ = try await store.append(commit(2, at: 0, "a"))
    let logic = ConcatenatingProjector { book, _ in
      book.cover.root == root(1) ? .unavailable("away") : nil
    }
    try await run(logic) { _ in try await value(2) == "a" && logic.timesCalled > 10 }
    #expect(try await store.checkpoint(of: "p", partition: 0).number == 0)
  }

  @Test func afterARestartOnlyWhatIsNewIsHandled() async throws {
    _ = try await store.append(commit(at: 0, "a"))
    let logic = ConcatenatingProjector()
    try await run(logic) { _ in try await value(1) == "a" }
    _ = try await store.append(commit(at: 1, "b"))
    try await run(logic, owner: "another") { _ in try await value(1) == "ab" }
    #expect(logic.timesCalled == 2)
  }

  @Test func onlyTheHolderOfTheLeaseDelivers() async throws {
    _ = try await store.append(commit(at: 0, "a"))
    _ = try await store.acquire("p/0", owner: "other", duration: .seconds(3600))
    let logic = ConcatenatingProjector()
    let standingBy = Mutex(false)
    let observe: @Sendable (SubscriptionEvent) -> Void = {
      if case .standingBy = $0 { standingBy.withLock { $0 = true } }
    }
    try await run(logic, observe: observe) { _ in standingBy.withLock { $0 } }
    #expect(logic.timesCalled == 0)
  }
}

/// Lets each book wait until the test goes on; from then on, none waits.
private final class WaitingProjector: ProjectorLogic {
  private struct State {
    var waiting: [CheckedContinuation<Void, Never>] = []
    var atOnce = 0
    var mostAtOnce = 0
    var isOpen = false
  }

  private let state = Mutex(State())

  var waiting: Int { state.withLock { $0.waiting.count } }
  var mostAtOnce: Int { state.withLock { $0.mostAtOnce } }

  func goOn() {
    let waiting = state.withLock { state in
      state.isOpen = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  func project(
    _ book: EventBook, previous: Projection?, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Bytes? {
    state.withLock { state in
      state.atOnce += 1
      state.mostAtOnce = max(state.mostAtOnce, state.atOnce)
    }
    defer { state.withLock { $0.atOnce -= 1 } }
    await withCheckedContinuation { continuation in
      let isOpen = state.withLock { state in
        if !state.isOpen { state.waiting.append(continuation) }
        return state.isOpen
      }
      if isOpen { continuation.resume() }
    }
    return []
  }
}
