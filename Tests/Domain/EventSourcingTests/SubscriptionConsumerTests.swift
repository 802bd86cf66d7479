import Contracts
import EventModel
import MemoryStorage
import Synchronization
import Testing
import Timing

@testable import EventSourcing

@Suite(.timeLimit(.minutes(5))) struct SubscriptionConsumerTests {
  private let clock = VirtualClock()
  private let store: any DomainStore

  init() async throws {
    let clock = clock
    store = try await MemoryStorage(now: { Timestamp(seconds: 0).advanced(by: clock.elapsed) })
      .domain(bank)
  }

  private var environment: Environment {
    var environment = clock.environment
    environment.now = { [clock] in Timestamp(seconds: 0).advanced(by: clock.elapsed) }
    return environment
  }

  private func listener(
    _ wish: SubscriptionConsumer.Wish = .init(name: "s"), over store: (any DomainStore)? = nil,
    window: Int = 256, acknowledging: Bool = true
  ) -> Listener {
    var settings = ConsumerSettings()
    settings.window = window
    return Listener(
      wish, in: store ?? self.store, settings, environment, acknowledging: acknowledging)
  }

  private func append(_ numbers: ClosedRange<UInt8>, at first: SequenceNumber = 0) async throws {
    for number in numbers { _ = try await store.append(commit(number, at: first, "e")) }
  }

  /// Time passes as long as the body runs.
  private func running(_ body: () async throws -> Void) async throws {
    try await clock.running(body)
  }

  private func until(_ isTrue: () async throws -> Bool) async throws {
    while try await !isTrue() {
      try Task.checkCancellation()
      await Task.yield()
    }
  }

  // MARK: Acknowledging

  @Test func commitsComeInOrderAndAreRemembered() async throws {
    try await append(1...20)
    try await running {
      let first = listener()
      try await until { first.numbers.count == 20 }
      try await append(21...25)
      try await until { first.numbers.count == 25 }
      await first.stop()
      #expect(first.numbers == Array(1...25))
      try await append(1...2, at: 1)
      let second = listener()
      try await until { second.numbers.count == 2 }
      await second.stop()
      #expect(second.numbers == [26, 27])
    }
  }

  @Test func whatWasNotAcknowledgedComesAgain() async throws {
    try await append(1...6)
    try await running {
      let first = listener(acknowledging: false)
      try await until { first.numbers.count == 6 }
      for number: UInt64 in [1, 2, 4, 6] {
        try first.consumer.acknowledge(Position(number: number), lane: 0)
      }
      await first.stop()
      let second = listener()
      try await until { second.numbers.count == 4 }
      await second.stop()
      #expect(second.numbers == [3, 4, 5, 6])
    }
  }

  @Test func noMoreThanTheWindowIsDelivered() async throws {
    try await append(1...50)
    try await running {
      let listener = listener(window: 7, acknowledging: false)
      try await until { listener.numbers.count == 7 }
      let rest = clock.elapsed + .seconds(60)
      try await until { clock.elapsed > rest }
      #expect(listener.numbers.count == 7)
      try listener.consumer.acknowledge(Position(number: 2), lane: 0)
      try listener.consumer.acknowledge(Position(number: 1), lane: 0)
      try await until { listener.numbers.count == 9 }
      await listener.stop()
    }
  }

  @Test func aWindowIsHeldForAsFarAsItIsFilled() async throws {
    try await append(1...1)
    try await running {
      let listener = listener(.init(name: "s", lanes: 8), window: 1000, acknowledging: false)
      try await until { listener.lanes.count == 8 && listener.numbers.count == 1 }
      try await until { listener.heldBytes > 0 }
      #expect(listener.heldBytes < 1000)
      try await append(2...101)
      try await until { listener.numbers.count == 101 }
      try await until { listener.heldBytes >= 101 * 16 }
      #expect(listener.heldBytes < 101 * 16 * 4)
      await listener.stop()
    }
  }

  @Test func aLaneWhoseWindowIsFullKeepsNoOtherWaiting() async throws {
    try await append(1...60)
    let own = (1...60).filter { SubscriptionLane.lane(of: root(UInt8($0)), of: 2) == 0 }
      .map { UInt64($0) }
    try await running {
      let listener = listener(
        .init(name: "s", lanes: 2), window: 3, acknowledging: false)
      try await until { listener.numbers.count == 6 }
      var acknowledged: Set<UInt64> = []
      // All of one lane, and of the other none.
      while acknowledged.count < own.count {
        for number in listener.numbers where own.contains(number) {
          guard acknowledged.insert(number).inserted else { continue }
          try listener.consumer.acknowledge(Position(number: number), lane: 0)
        }
        await Task.yield()
      }
      #expect(listener.numbers.filter(own.contains) == own)
      #expect(listener.numbers.count == own.count + 3)
      for _ in own.count..<60 {
        for number in listener.numbers where !own.contains(number) {
          try listener.consumer.acknowledge(Position(number: number), lane: 1)
        }
        for _ in 0..<100 { await Task.yield() }
      }
      try await until { listener.numbers.count == 60 }
      let others = listener.numbers.filter { !own.contains($0) }
      #expect(others == others.sorted())
      await listener.stop()
    }
  }

  @Test(arguments: [1, 8]) func theLogIsReadOnceForAllLanes(lanes: Int) async throws {
    for _ in 0..<4 { try await append(1...250, at: try await store.next(of: root(1))) }
    let calls = StoreCalls()
    try await running {
      let listener = listener(
        .init(name: "s", lanes: lanes), over: InterceptedStore(store, calls), window: 10_000)
      try await until { listener.numbers.count == 1000 }
      await listener.stop()
      // Lanes are taken one after the other: those that came first may be a read ahead.
      #expect(calls.count(of: .log) <= 1000 / ConsumerSettings().readLimit.count + 4)
    }
  }

  /// Store calls between two renewals of the leases, in which nothing happens.
  private func callsAtRest(lanes: Int) async throws -> [StoreCall: Int] {
    let marks = Mutex<[[StoreCall: Int]]>([])
    let counting = Mutex<StoreCalls?>(nil)
    let calls = StoreCalls { call, count throws(StorageError) in
      guard call == .renew, count == 5 || count == 25, let calls = counting.withLock(\.self) else {
        return
      }
      let counts = StoreCall.allCases.map { ($0, calls.count(of: $0)) }
      marks.withLock { $0.append(Dictionary(uniqueKeysWithValues: counts)) }
    }
    counting.withLock { $0 = calls }
    try await running {
      let listener = listener(
        .init(name: "s\(lanes)", lanes: lanes), over: InterceptedStore(store, calls))
      try await until { marks.withLock(\.count) == 2 }
      #expect(listener.lanes.count == lanes)
      await listener.stop()
    }
    counting.withLock { $0 = nil }
    let (first, last) = (marks.withLock { $0[0] }, marks.withLock { $0[1] })
    return last.merging(first) { $0 - $1 }.filter { $0.value > 0 }
  }

  @Test func storeCallsAtRestDoNotGrowWithTheLanes() async throws {
    try await append(1...20)
    let ofOne = try await callsAtRest(lanes: 1)
    #expect(ofOne[.renew] == 20)
    #expect(try await callsAtRest(lanes: 8) == ofOne)
    #expect(try await callsAtRest(lanes: 64) == ofOne)
  }

  @Test func theFilterLeavesOutAndTheCheckpointMoves() async throws {
    for number in 1...9 as ClosedRange<UInt8> {
      let type = number % 3 == 0 ? "t/bank.Opened" : "t/bank.Closed"
      _ = try await store.append(typedCommit(number, at: 0, [type]))
    }
    _ = try await store.append(typedCommit(10, at: 0, ["t/bank.Closed"]))
    try await running {
      let listener = listener(.init(name: "s", filter: EventTypeFilter(["Opened"])))
      try await until { listener.numbers.count == 3 }
      let registry = SubscriptionRegistry(store)
      let subscription = try #require(try await registry.find("s"))
      let lane = SubscriptionLane(partition: 0, lane: 0)
      try await until { try await registry.checkpoint(of: lane, of: subscription) == 10 }
      await listener.stop()
      #expect(listener.numbers == [3, 6, 9])
    }
  }

  @Test func onlyWhatWasDeliveredCanBeAcknowledged() async throws {
    try await append(1...3)
    try await running {
      let listener = listener(acknowledging: false)
      try await until { listener.numbers.count == 3 }
      for (position, lane) in [
        (Position(number: 4), 0), (Position(number: 1), 1), (Position(partition: 1, number: 1), 0),
      ] as [(Position, UInt32)] {
        let error = #expect(throws: EventSourcingError.self) {
          try listener.consumer.acknowledge(position, lane: lane)
        }
        #expect(error?.code == .invalid)
      }
      await listener.stop()
    }
  }

  @Test func aDamagedCommitIsReportedAndTheRestFlowsOn() async throws {
    try await append(1...5)
    let calls = StoreCalls { call, count throws(StorageError) in
      guard call == .log, count == 1 else { return }
      throw StorageError(
        .corrupt, "torn", Damage(domain: bank, root: root(1), position: Position(number: 1)))
    }
    try await running {
      let listener = listener(over: InterceptedStore(store, calls))
      try await until { listener.numbers.count == 4 }
      await listener.stop()
      #expect(listener.damaged == [1])
      #expect(listener.numbers == [2, 3, 4, 5])
    }
  }

  // MARK: Sharing

  @Test func consumersShareTheLanesAndKeepEachAggregateInOrder() async throws {
    try await running {
      let wish = SubscriptionConsumer.Wish(name: "s", lanes: 8)
      try await append(1...100)
      let listeners = (0..<3).map { _ in listener(wish) }
      try await until { listeners.map(\.lanes.count).sorted() == [2, 3, 3] }
      try await append(1...100, at: 1)
      try await until { Set(listeners.flatMap(\.numbers)).count == 200 }
      for listener in listeners { await listener.stop() }
      for listener in listeners { #expect(listener.isInOrder) }
    }
  }

  @Test func theLanesOfOneThatLeavesGoToTheOthersAtOnce() async throws {
    try await running {
      let wish = SubscriptionConsumer.Wish(name: "s", lanes: 4)
      let stays = listener(wish)
      let leaves = listener(wish, acknowledging: false)
      try await until { stays.lanes.count == 2 && leaves.lanes.count == 2 }
      try await append(1...40)
      try await until { Set(stays.numbers + leaves.numbers).count == 40 }
      let left = clock.elapsed
      await leaves.stop()
      try await until { stays.lanes.count == 4 }
      #expect(clock.elapsed - left < .seconds(1))
      try await until { Set(stays.numbers).count == 40 }
      await stays.stop()
    }
  }

  @Test func aLaneIsGivenAwayOnceItsCommitsAreAcknowledged() async throws {
    try await append(1...20)
    try await running {
      let wish = SubscriptionConsumer.Wish(name: "s", lanes: 2)
      let first = listener(wish)
      try await until { first.numbers.count == 20 }
      let second = listener(wish)
      try await until { first.lanes.count == 1 && second.lanes.count == 1 }
      #expect(second.numbers.isEmpty)
      await first.stop()
      await second.stop()
    }
  }

  @Test func theLanesOfOneThatCrashedAreTakenWhenItsLeasesExpire() async throws {
    try await append(1...3)
    let subscription = try await SubscriptionRegistry(store).open(
      "s", lanes: 1, start: .beginning)
    let lane = SubscriptionLane(partition: 0, lane: 0)
    _ = try await store.acquire(
      subscription.leaseName(lane), owner: "crashed", duration: .seconds(5))
    var seats = ConsumerSeats(subscription, in: store, ConsumerSettings(), environment)
    try await seats.confirm(holding: [0])
    try await running {
      let listener = listener()
      try await until { listener.numbers.count == 3 }
      #expect((.seconds(4)...(.seconds(12))).contains(clock.elapsed))
      await listener.stop()
    }
  }

  @Test func oneThatLostItsLeaseHearsOfIt() async throws {
    try await append(1...3)
    try await running {
      let listener = listener(acknowledging: false)
      try await until { listener.numbers.count == 3 }
      let subscription = try #require(try await SubscriptionRegistry(store).find("s"))
      let lane = SubscriptionLane(partition: 0, lane: 0)
      // As if the lease had run out during a pause of the process.
      let name = subscription.leaseName(lane)
      let stolen = try #require(try await store.steal(name, from: listener.consumer.owner))
      try await until { listener.lanes.isEmpty }
      try await store.release(stolen)
      try await until { listener.numbers.count == 6 }
      await listener.stop()
    }
  }

  // MARK: What ends a consumer

  @Test func aSubscriptionThatIsDeletedOrMovedEndsItsConsumers() async throws {
    try await append(1...3)
    try await running {
      let registry = SubscriptionRegistry(store)
      let first = listener()
      try await until { first.numbers.count == 3 }
      try await registry.delete("s")
      #expect(await first.failure?.code == .conflict)
      let second = listener()
      try await until { second.numbers.count == 3 }
      try await registry.move("s", to: .beginning, after: [Position(number: 1)])
      #expect(await second.failure?.code == .conflict)
      let third = listener()
      try await until { third.numbers.count == 2 }
      await third.stop()
      #expect(third.numbers == [2, 3])
    }
  }

  @Test func oneConsumerTooManyIsRefused() async throws {
    try await running {
      var settings = ConsumerSettings()
      settings.seatsMax = 2
      let listeners = (0..<3).map { _ in
        Listener(.init(name: "s"), in: store, settings, environment)
      }
      try await until { listeners.contains(where: \.hasEnded) }
      let ended = listeners.filter(\.hasEnded)
      #expect(ended.count == 1)
      #expect(await ended.first?.failure?.code == .exhausted)
      for listener in listeners { await listener.stop() }
    }
  }

  /// Whatever fails, nothing is lost: the consumer ends, and the next one goes on.
  @Test(arguments: StoreCall.allCases, 1...4)
  func anyCallOfTheStoreMayFail(call: StoreCall, number: Int) async throws {
    try await append(1...10)
    let flaky = InterceptedStore(store, .failing(call, at: number))
    try await running {
      var seen: Set<UInt64> = []
      for attempt in 1...3 where seen.count < 10 {
        let listener = listener(over: attempt == 1 ? flaky : store)
        try await until { listener.numbers.count == 10 || listener.hasEnded || !seen.isEmpty }
        await listener.stop()
        seen.formUnion(listener.numbers)
      }
      #expect(seen == Set(1...10))
    }
  }
}
