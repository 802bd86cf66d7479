import Contracts
import EventModel
import EventSourcing
import Synchronization
import Testing

/// A retry and the subscription work on one aggregate at once, in whatever order their calls of the
/// store come, and wherever the retry dies.
@Suite(.timeLimit(.minutes(5))) struct ParkedRetryTests {
  private let store: any DomainStore

  init() async throws { store = try await memoryStore() }

  /// Lets others run before each call, a number of times that the seed decides.
  private static func jitter(_ seed: UInt64, failingFrom last: Int = .max) -> StoreCalls {
    let state = Mutex((random: seed &* 0x9E37_79B9_7F4A_7C15 | 1, count: 0))
    return StoreCalls { call, _ async throws(StorageError) in
      let (yields, count) = state.withLock { state in
        state.random ^= state.random << 13
        state.random ^= state.random >> 7
        state.random ^= state.random << 17
        state.count += 1
        return (state.random % 8, state.count)
      }
      for _ in 0..<yields { await Task.yield() }
      if count >= last { throw StorageError(.unavailable, "the process has died") }
    }
  }

  private func park() async throws {
    _ = try await store.append(commit(at: 0, "a"))
    let projector = Projector(name: "p", store: store, logic: ConcatenatingProjector())
    _ = try await projector.handle(cover(1), upTo: 1, deadline: soon)
    for (sequence, text) in [(1, "b"), (2, "c")] as [(UInt32, String)] {
      _ = try await store.append(commit(at: SequenceNumber(sequence), text))
    }
    try await store.park(
      ParkedAggregate(
        subscription: "p", root: root(1), firstSequence: 1, reason: "no",
        statusCode: .failedPrecondition, tries: 5,
        parkedAt: Timestamp(seconds: 1)))
  }

  private func lot(_ calls: StoreCalls) -> ParkingLot {
    let store = InterceptedStore(store, calls)
    let projector = Projector(
      name: "p", store: store, logic: ConcatenatingProjector(), environment: .impatient)
    return parkingLot(of: projector, store, environment: .impatient)
  }

  /// Runs a subscription and appends three events beside `body`, until all of the log is passed.
  private func besideASubscription(_ seed: UInt64, _ body: () async throws -> Void) async throws {
    let intercepted = InterceptedStore(store, Self.jitter(seed))
    let subscription = Subscription(
      consumer: Projector(
        name: "p", store: intercepted, logic: ConcatenatingProjector(), environment: .impatient),
      store: intercepted, owner: "me", environment: .impatient)
    try await withThrowingTaskGroup { group in
      group.addTask { await subscription.run() }
      group.addTask { [store] in
        for number in 3...5 as ClosedRange<UInt32> {
          for _ in 0..<(seed % 17) { await Task.yield() }
          _ = try await store.append(commit(at: SequenceNumber(number), "\(number)"))
        }
      }
      try await body()
      while try await store.checkpoint(of: "p", partition: 0).number < 6 { await Task.yield() }
      group.cancelAll()
    }
  }

  private func value() async throws -> String {
    let record = try await store.record(of: "p", root: root(1))
    return String(decoding: record?.value ?? [], as: UTF8.self)
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func noCommitIsLostBetweenARetryAndTheSubscription(seed: UInt64) async throws {
    try await park()
    try await besideASubscription(seed) {
      let left = try await lot(Self.jitter(seed + 1000)).retry("p", root: root(1))
      #expect(left == nil)
    }
    #expect(try await value() == "abc345")
  }

  @Test(arguments: 1...12, 0..<10 as Range<UInt64>)
  func whereverARetryDiesWhatIsNotHandledStaysParked(call: Int, seed: UInt64) async throws {
    try await park()
    try await besideASubscription(seed) {
      _ = try? await lot(Self.jitter(seed + 1000, failingFrom: call)).retry("p", root: root(1))
    }
    let isParked = try await store.parked(by: "p", root: root(1)) != nil
    if try await value() != "abc345" {
      #expect(isParked)
    }
    if isParked {
      #expect(try await lot(StoreCalls()).retry("p", root: root(1)) == nil)
    }
    #expect(try await value() == "abc345")
    #expect(try await store.parked(by: "p", root: root(1)) == nil)
  }

  @Test func aCommitThatTheSubscriptionPassesWhileTheRetryEndsIsHandled() async throws {
    try await park()
    // The commit comes between the retry's last look at the stream and the taking out.
    let store = store
    let calls = StoreCalls { call, _ async throws(StorageError) in
      if call == .unpark { _ = try await store.append(commit(at: 3, "d")) }
    }
    #expect(try await lot(calls).retry("p", root: root(1)) == nil)
    let subscription = Subscription(
      consumer: Projector(
        name: "p", store: store, logic: ConcatenatingProjector(), environment: .impatient),
      store: store, owner: "me", environment: .impatient)
    try await withThrowingTaskGroup { group in
      group.addTask { await subscription.run() }
      while try await value() != "abcd" { await Task.yield() }
      group.cancelAll()
    }
  }

  @Test func aRetryKeepsToTheDeadlineOfItsProjector() async throws {
    try await park()
    struct Watching: ProjectorLogic {
      let time: @Sendable (Duration) -> Void
      func project(
        _ book: EventBook, previous: Projection?, deadline: ContinuousClock.Instant
      ) async throws(LogicError) -> Bytes? {
        time(deadline - .now)
        return []
      }
    }
    let times = Mutex<[Duration]>([])
    let logic = Watching { time in times.withLock { $0.append(time) } }
    let projector = Projector(name: "p", store: store, logic: logic)
    var settings = SubscriptionSettings()
    settings.deliveryTimeout = .seconds(3600)
    let lot = parkingLot(of: projector, store, settings)
    #expect(try await lot.retry("p", root: root(1)) == nil)
    #expect(times.withLock { $0 }.allSatisfy { $0 > .seconds(3000) && $0 <= .seconds(3600) })
  }

  @Test func aRetryWhileTheLogicIsAwayIsNoTry() async throws {
    try await park()
    let away = Projector(
      name: "p", store: store, logic: ConcatenatingProjector { _, _ in .unavailable("away") })
    let before = try await store.parked(by: "p", root: root(1))
    let error = await #expect(throws: EventSourcingError.self) {
      try await parkingLot(of: away, store).retry("p", root: root(1))
    }
    #expect(error?.code == .unavailable)
    #expect(try await store.parked(by: "p", root: root(1)) == before)
  }
}
