import Contracts
import EventModel
import EventSourcing
import MemoryStorage
import Synchronization
import Testing
import Timing

/// What a subscription does when the store, the consumer or its lease goes away.
@Suite(.timeLimit(.minutes(5))) struct SubscriptionFaultTests {
  private let store: any DomainStore

  init() async throws { store = try await memoryStore() }

  private func subscription(
    _ logic: any ProjectorLogic, over store: any DomainStore,
    settings: SubscriptionSettings = SubscriptionSettings(), owner: Name = "me",
    environment: Environment = .impatient,
    observe: @escaping @Sendable (SubscriptionEvent) -> Void = { _ in }
  ) -> Subscription {
    Subscription(
      consumer: Projector(name: "p", store: store, logic: logic, environment: environment),
      store: store, owner: owner, settings: settings, environment: environment, observe: observe)
  }

  /// Runs the subscription until the condition holds.
  private func run(_ subscription: Subscription, until isDone: () async throws -> Bool) async throws
  {
    try await withThrowingTaskGroup { group in
      group.addTask { await subscription.run() }
      while try await !isDone() {
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

  private func parkedRoots() async throws -> [Root] {
    try await store.parked(by: "p", after: nil, limit: 100).map(\.root)
  }

  private func checkpoint() async throws -> UInt64 {
    try await store.checkpoint(of: "p", partition: 0).number
  }

  // MARK: The store

  /// Among the calls: aggregate 2 is refused and parked, 3 is parked already, 4 is a leftover.
  @Test(arguments: StoreCall.allCases, 1...4)
  func anyCallOfTheStoreMayFailAndDeliveryGoesOn(call: StoreCall, number: Int) async throws {
    for number in 1...4 as ClosedRange<UInt8> {
      _ = try await store.append(commit(number, at: 0, "a"))
      _ = try await store.append(commit(number, at: 1, "b"))
    }
    for number in [3, 4] as [UInt8] {
      try await store.park(
        ParkedAggregate(
          subscription: "p", root: root(number), firstSequence: 0, reason: "no",
          statusCode: .failedPrecondition,
          tries: 1, parkedAt: Timestamp(seconds: 1)))
    }
    _ = try await store.save(
      ConsumerRecord(
        subscription: "p", root: root(4), next: 1, value: Bytes("a".utf8),
        updatedAt: Timestamp(seconds: 1)), after: 0)
    let poison = ConcatenatingProjector { book, _ in
      book.cover.root == root(2) ? .refused(Refusal()) : nil
    }
    var settings = SubscriptionSettings()
    settings.triesMax = 2
    let faulty = InterceptedStore(store, .failing(call, at: number))
    var isAppended = false
    try await run(subscription(poison, over: faulty, settings: settings)) {
      if try await value(1) == "ab", !isAppended {
        isAppended = true
        _ = try await store.append(commit(1, at: 2, "c"))
      }
      let values = try await (value(1), value(4))
      let parked = try await parkedRoots()
      let checkpoint = try await checkpoint()
      return values == ("abc", "ab") && parked == [root(2), root(3)] && checkpoint == 9
    }
    #expect(try await value(2) == "")
    #expect(try await value(3) == "")
  }

  // MARK: One aggregate that does not move

  @Test func oneAggregateThatIsStuckStopsNoOther() async throws {
    var settings = SubscriptionSettings()
    settings.windowMax = 8
    for number in 0..<200 as Range<UInt32> {
      _ = try await store.append(commit(1, at: SequenceNumber(number), "x"))
      _ = try await store.append(commit(2, at: SequenceNumber(number), "x"))
    }
    let isAway = Mutex(true)
    let logic = ConcatenatingProjector { book, _ in
      book.cover.root == root(1) && isAway.withLock { $0 } ? .unavailable("away") : nil
    }
    try await run(subscription(logic, over: store, settings: settings)) {
      if try await value(2).count == 200 {
        if isAway.withLock({ $0 }) { #expect(try await checkpoint() == 0) }
        isAway.withLock { $0 = false }
      }
      let values = try await (value(1).count, value(2).count)
      let checkpoint = try await checkpoint()
      return values == (200, 200) && checkpoint == 400
    }
    // Each event once, in order, whether it came from the log or from the stream.
    for number in 1...2 as ClosedRange<UInt8> {
      let handled = logic.handled.filter { $0.0 == root(number) }
      #expect(handled.map(\.1) == [0] + handled.map(\.2).dropLast())
    }
  }

  // MARK: A consumer that is down

  @Test func aConsumerThatRefusesMostAggregatesIsDownAndNothingIsParked() async throws {
    let clock = VirtualClock()
    for number in 1...5 as ClosedRange<UInt8> {
      _ = try await store.append(commit(number, at: 0, "a"))
    }
    let isDown = Mutex(true)
    let events = Mutex<[String]>([])
    let logic = ConcatenatingProjector { _, _ in
      isDown.withLock { $0 } ? .refused(Refusal()) : nil
    }
    let subscription = subscription(
      logic, over: store, environment: clock.environment,
      observe: { event in
        switch event {
        case .circuitOpened(let failing, _): events.withLock { $0.append("opened \(failing)") }
        case .circuitClosed: events.withLock { $0.append("closed") }
        case .parked: events.withLock { $0.append("parked") }
        default: break
        }
      })
    try await clock.running {
      try await run(subscription) {
        if clock.elapsed > .seconds(600) { isDown.withLock { $0 = false } }
        if isDown.withLock({ $0 }) { #expect(try await parkedRoots().isEmpty) }
        for number in 1...5 as ClosedRange<UInt8> {
          guard try await value(number) == "a" else { return false }
        }
        return true
      }
    }
    #expect(events.withLock { $0 } == ["opened 5", "closed"])
    // Probes take turns, with growing pauses: far fewer than every aggregate on its own.
    #expect(logic.timesCalled < 5 * 9 + 100)
  }

  @Test func aConsumerThatComesLateIsFoundWithinASecond() async throws {
    let clock = VirtualClock()
    let late = Duration.seconds(120)
    _ = try await store.append(commit(1, at: 0, "a"))
    let found = Mutex<Duration?>(nil)
    let logic = ConcatenatingProjector { _, _ in
      if clock.elapsed < late { return .unavailable("away") }
      found.withLock { $0 = $0 ?? clock.elapsed }
      return nil
    }
    try await clock.running {
      try await run(subscription(logic, over: store, environment: clock.environment)) {
        try await value(1) == "a"
      }
    }
    #expect(try #require(found.withLock { $0 }) <= late + .seconds(1))
  }

  @Test func theTriesOfAnAggregateTakeAMinuteBeforeItIsParked() async throws {
    let clock = VirtualClock()
    _ = try await store.append(commit(1, at: 0, "a"))
    let logic = ConcatenatingProjector { _, _ in .refused(Refusal()) }
    try await clock.running {
      try await run(subscription(logic, over: store, environment: clock.environment)) {
        try await !parkedRoots().isEmpty
      }
    }
    #expect(logic.timesCalled == SubscriptionSettings().triesMax)
    #expect(clock.elapsed >= .seconds(60))
  }

  @Test func parkedAggregatesAreTriedFromTimeToTimeWhereConfigured() async throws {
    let clock = VirtualClock()
    var settings = SubscriptionSettings()
    settings.parkedRetryInterval = .seconds(3600)
    settings.checkpointInterval = .seconds(600)
    settings.leaseDuration = .seconds(1800)
    for number in 1...2 as ClosedRange<UInt8> {
      _ = try await store.append(commit(number, at: 0, "a"))
      try await store.park(
        ParkedAggregate(
          subscription: "p", root: root(number), firstSequence: 0, reason: "no",
          statusCode: .failedPrecondition,
          tries: 8, parkedAt: Timestamp(seconds: 1)))
    }
    let logic = ConcatenatingProjector { book, _ in
      book.cover.root == root(2) ? .refused(Refusal()) : nil
    }
    try await clock.running {
      try await run(
        subscription(logic, over: store, settings: settings, environment: clock.environment)
      ) {
        let second = try await store.parked(by: "p", root: root(2))
        return try await value(1) == "a" && second?.tries == 10
      }
    }
    #expect(clock.elapsed >= .seconds(7200))
    #expect(try await parkedRoots() == [root(2)])
  }

  // MARK: What is parked

  @Test func aCommitOfAParkedAggregateCostsOneLookUpHoweverManyAreParked() async throws {
    let many = 2500
    for number in 0..<many {
      let name = Bytes(repeating: 9, count: 12) + (0..<4).map { UInt8(number >> ($0 * 8) & 255) }
      try await store.park(
        ParkedAggregate(
          subscription: "p", root: Root(name)!, firstSequence: 0, reason: "no",
          statusCode: .failedPrecondition,
          tries: 1,
          parkedAt: Timestamp(seconds: 1)))
    }
    try await store.park(
      ParkedAggregate(
        subscription: "p", root: root(1), firstSequence: 0, reason: "no",
        statusCode: .failedPrecondition, tries: 1,
        parkedAt: Timestamp(seconds: 1)))
    let calls = StoreCalls()
    let logic = ConcatenatingProjector()
    var appended: UInt32 = 0
    try await run(subscription(logic, over: InterceptedStore(store, calls))) {
      let head = try await store.head(ofPartition: 0).number
      let checkpoint = try await checkpoint()
      if checkpoint == head, appended < 20 {
        _ = try await store.append(commit(1, at: SequenceNumber(appended), "x"))
        appended += 1
      }
      return checkpoint == 20
    }
    #expect(calls.count(of: .parked) == 20)
    #expect(calls.count(of: .listParked) == 4)
    #expect(logic.timesCalled == 0)
  }

  @Test func whatIsBehindTheConsumersRecordIsNotInForce() async throws {
    let books = [commit(1, at: 0, "a"), commit(1, at: 1, "b")]
    for book in books { _ = try await store.append(book) }
    let projector = Projector(name: "p", store: store, logic: ConcatenatingProjector())
    _ = try await projector.handle(EventBook(books[0]), deadline: soon)
    // As a holder of the lease may do that was stopped, and has lost it meanwhile.
    try await store.park(
      ParkedAggregate(
        subscription: "p", root: root(1), firstSequence: 0, reason: "no",
        statusCode: .failedPrecondition, tries: 1,
        parkedAt: Timestamp(seconds: 1)))
    try await run(subscription(ConcatenatingProjector(), over: store)) {
      let parked = try await parkedRoots()
      return try await value(1) == "ab" && parked.isEmpty
    }
    #expect(try await parkedRoots().isEmpty)
  }

  @Test func aHolderThatHasLostItsLeaseParksNothing() async throws {
    let time = Mutex<Int64>(1000)
    let store = try await MemoryStorage(now: { Timestamp(seconds: time.withLock { $0 }) })
      .domain(bank)
    _ = try await store.append(commit(1, at: 0, "a"))
    _ = try await store.append(commit(2, at: 0, "a"))
    let isTaken = Mutex(false)
    let hasLost = Mutex(false)
    // The lease goes to another process while this one works.
    let calls = StoreCalls { call, count async throws(StorageError) in
      guard call == .save, count == 1 else { return }
      time.withLock { $0 += 100 }
      _ = try await store.acquire("p/0", owner: "another", duration: .seconds(1000))
      isTaken.withLock { $0 = true }
    }
    var settings = SubscriptionSettings()
    settings.triesMax = 1
    let logic = ConcatenatingProjector { book, _ in
      guard book.cover.root == root(1) else { return nil }
      return isTaken.withLock { $0 } ? .refused(Refusal()) : .unavailable("not yet")
    }
    try await run(
      subscription(
        logic, over: InterceptedStore(store, calls), settings: settings,
        observe: { if case .leaseLost = $0 { hasLost.withLock { $0 = true } } })
    ) { hasLost.withLock { $0 } }
    #expect(try await store.parked(by: "p", after: nil, limit: 10).isEmpty)
    #expect(try await store.checkpoint(of: "p", partition: 0).number == 0)
  }
}
