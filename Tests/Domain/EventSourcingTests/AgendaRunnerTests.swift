import Contracts
import EventModel
import EventSourcing
import MemoryStorage
import Synchronization
import Testing
import Timing

@Suite(.timeLimit(.minutes(5))) struct AgendaRunnerTests {
  private let clock = VirtualClock()

  @Test func nothingIsDoneBeforeItIsDueAndAllSoonAfter() async throws {
    let work = Work(clock)
    let runner = try await runner(work)
    try await runner.enter(
      (0..<50).map { number in
        (key(number), clock.now.advanced(by: .milliseconds(number * number * 7)))
      })
    try await running(runner) { await work.done(50) }
    #expect(work.performed.map(\.entry.key) == (0..<50).map(key))
    for (entry, time) in work.performed {
      #expect(time >= entry.due)
      #expect(time.duration(since: entry.due) < .milliseconds(100))
    }
  }

  @Test func whatIsDueAfterTheWallClockJumpsForwardIsDoneAtOnce() async throws {
    let work = Work(clock)
    let runner = try await runner(work)
    try await running(runner) {
      try await runner.enter([(key(1), clock.now.advanced(by: .seconds(1800)))])
      try await clock.sleep(.seconds(10))
      #expect(work.performed.isEmpty)
      clock.jumpWallClock(by: .seconds(3600))
      await work.done(1)
      #expect(clock.elapsed < .seconds(10.1))
    }
  }

  @Test func whatIsNoLongerDueAfterTheWallClockJumpsBackWaits() async throws {
    let work = Work(clock)
    // Long intervals: an hour of short ones takes virtual time, too.
    let runner = try await runner(work, interval: .seconds(5))
    try await running(runner) {
      let start = clock.now
      try await runner.enter(
        [10, 20, 4000].map { (key($0), start.advanced(by: .seconds($0))) })
      try await clock.sleep(.seconds(15))
      #expect(work.performed.map(\.entry.key) == [key(10)])
      clock.jumpWallClock(by: .seconds(-3600))
      await work.done(3)
      #expect(work.performed.allSatisfy { $0.time >= $0.entry.due })
      #expect(work.performed[1].time.duration(since: start) < .seconds(26))
      #expect(clock.elapsed >= .seconds(7600))
    }
  }

  @Test func aBacklogBehindAClockThatJumpsBackIsDoneWhenItIsDue() async throws {
    let work = Work(clock, takes: .seconds(30))
    let runner = try await runner(work, underWayMax: 2, interval: .seconds(5))
    let start = clock.now
    try await runner.enter((0..<3).map { (key($0), start.advanced(by: .seconds($0))) })
    try await running(runner) {
      // Two are under way, the third is due and has to wait.
      try await clock.sleep(.seconds(20))
      clock.jumpWallClock(by: .seconds(-60))
      await work.done(3)
      let third = try #require(work.performed.last)
      #expect(third.time >= third.entry.due)
      #expect(third.time.duration(since: third.entry.due) <= .seconds(5))
    }
  }

  @Test func whatIsToBeTriedAgainComesAgainThenAndCountsItsTries() async throws {
    let work = Work(clock) { entry, now in
      entry.tries < 3 ? .again(at: now.advanced(by: .seconds(1))) : .done
    }
    let runner = try await runner(work)
    try await runner.enter([(key(1), clock.now)])
    try await running(runner) { await work.done(4) }
    #expect(work.performed.map(\.entry.tries) == [0, 1, 2, 3])
    for (before, after) in zip(work.performed, work.performed.dropFirst()) {
      #expect(after.time.duration(since: before.time) >= .seconds(1))
    }
    try await expectEmpty()
  }

  @Test func whatIsEnteredMeanwhileIsDoneHereAtOnceAndFromElsewhereWithinASecond() async throws {
    let work = Work(clock)
    let runner = try await runner(work)
    try await running(runner) {
      // Something far away is known of, so the runner could sleep.
      try await runner.enter([(key(9), clock.now.advanced(by: .seconds(10_000)))])
      try await clock.sleep(.seconds(5))
      try await runner.enter([(key(1), clock.now)])
      await work.done(1)
      #expect(clock.elapsed == .seconds(5))
      try await store().enter([AgendaEntry(agenda: "a", key: key(2), due: clock.now)])
      await work.done(2)
      #expect(clock.elapsed <= .seconds(6.1))
    }
    #expect(work.performed.map(\.entry.key) == [key(1), key(2)])
  }

  @Test func noMoreIsUnderWayThanAllowedAndAllOfThatRoomIsUsed() async throws {
    let work = Work(clock, takes: .seconds(10))
    let runner = try await runner(work, underWayMax: 8)
    try await runner.enter((0..<100).map { (key($0), clock.now) })
    try await running(runner) { await work.done(100) }
    #expect(work.mostUnderWay == 8)
    #expect(Set(work.performed.map(\.entry.key)) == Set((0..<100).map(key)))
    #expect(work.performed.count == 100)
    #expect(clock.elapsed < .seconds(135))
  }

  @Test func whatHangsLeavesTheRestOfTheRoomToOthers() async throws {
    let hanging = (0..<6).map(key)
    let work = Work(clock) { [clock] entry, _ in
      if hanging.contains(entry.key) { try? await clock.sleep(.seconds(100_000)) }
      return .done
    }
    let runner = try await runner(work, underWayMax: 8)
    try await runner.enter((0..<50).map { (key($0), clock.now) })
    try await running(runner) { await work.done(44) }
    #expect(work.performed.count == 44)
  }

  @Test func aRunThatBeginsAnewDoesWhatIsNotWrittenDown() async throws {
    let isHanging = Atomic(true)
    let work = Work(clock) { [clock] entry, _ in
      if entry.key.sequence == 1, isHanging.load(ordering: .relaxed) {
        try? await clock.sleep(.seconds(100_000))
      }
      return .done
    }
    let runner = try await runner(work)
    let hanging = (0..<10).map { AgendaKey(root: root($0), sequence: 1) }
    let keys = (0..<10).map(key) + hanging
    try await runner.enter(keys.map { ($0, clock.now) })
    try await running(runner) {
      await work.done(10)
      try await clock.sleep(.seconds(1))
    }
    let left = try await store().entries(of: "a", dueBy: nil, limit: 100).map(\.key)
    #expect(left == hanging)
    isHanging.store(false, ordering: .relaxed)
    let before = work.performed.count
    try await running(runner) { await work.done(before + 10) }
    #expect(Set(work.performed.dropFirst(before).map(\.entry.key)) == Set(hanging))
    try await expectEmpty()
  }

  @Test func aRunEndsWithTheStoresFailureAndTheNextDoesItAgain() async throws {
    let work = Work(clock)
    let calls = StoreCalls.failing(.strike, at: 1)
    let runner = AgendaRunner(
      of: "a", in: InterceptedStore(try await store(), calls), environment: clock.environment,
      perform: work.perform)
    try await runner.enter([(key(1), clock.now)])
    await #expect(throws: StorageError.self) {
      try await clock.running { try await runner.run() }
    }
    try await running(runner) { await work.done(2) }
    #expect(work.performed.map(\.entry.key) == [key(1), key(1)])
    try await expectEmpty()
  }

  @Test func whatIsStruckBeforeItIsDueIsNotDone() async throws {
    let work = Work(clock)
    let runner = try await runner(work)
    try await runner.enter([1, 2].map { (key($0), clock.now.advanced(by: .seconds(5))) })
    try await running(runner) {
      try await clock.sleep(.seconds(1))
      try await runner.strike([key(1)])
      await work.done(1)
    }
    #expect(work.performed.map(\.entry.key) == [key(2)])
  }

  @Test func theMoreIsFinishedAtATimeTheFewerWritesThereAre() async throws {
    let work = Work(clock)
    let calls = StoreCalls()
    let runner = AgendaRunner(
      of: "a", in: InterceptedStore(try await store(), calls), environment: clock.environment,
      perform: work.perform)
    try await runner.enter((0..<10_000).map { (key($0), clock.now) })
    try await running(runner) {
      await work.done(10_000)
      try await clock.sleep(.seconds(1))
    }
    try await expectEmpty()
    #expect(calls.count(of: .strike) < 1000)
    #expect(calls.count(of: .entries) < 1000)
  }

  // MARK: Doubles

  private let storage = MemoryStorage()

  private func store() async throws -> any DomainStore { try await storage.domain("orders") }

  private func runner(
    _ work: Work, underWayMax: Int = 128, interval: Duration = .milliseconds(50)
  ) async throws -> AgendaRunner {
    var settings = AgendaSettings()
    settings.underWayMax = underWayMax
    settings.interval = interval
    return AgendaRunner(
      of: "a", in: try await store(), settings: settings, environment: clock.environment,
      perform: work.perform)
  }

  /// Lets the runner work, in virtual time, until `body` returns.
  private func running(_ runner: AgendaRunner, _ body: () async throws -> Void) async throws {
    try await clock.running {
      let run = clock.task { try await runner.run() }
      defer { run.cancel() }
      try await body()
      // What is finished is written down before the run ends.
      try await clock.sleep(.seconds(1))
      run.cancel()
      await #expect(throws: CancellationError.self) { try await run.value }
    }
  }

  private func expectEmpty() async throws {
    #expect(try await store().entries(of: "a", dueBy: nil, limit: 1).isEmpty)
  }

  private func key(_ number: Int) -> AgendaKey { AgendaKey(root: root(number), sequence: 0) }

  private func root(_ number: Int) -> Root {
    guard
      let root = Root(Bytes(repeating: 0, count: 14) + [UInt8(number >> 8), UInt8(number & 255)])
    else { preconditionFailure("14 and 2 bytes are 16") }
    return root
  }
}

/// What an agenda is for: notes what was done, and when.
private final class Work: Sendable {
  typealias Verdict = AgendaRunner.Verdict
  private struct State {
    var performed: [(entry: AgendaEntry, time: Timestamp)] = []
    var underWay = 0
    var mostUnderWay = 0
  }

  private let clock: VirtualClock
  private let duration: Duration
  private let verdict: @Sendable (AgendaEntry, Timestamp) async -> Verdict
  private let state = Watched(State())

  init(
    _ clock: VirtualClock, takes duration: Duration = .zero,
    verdict: @escaping @Sendable (AgendaEntry, Timestamp) async -> Verdict = { _, _ in .done }
  ) {
    self.clock = clock
    self.duration = duration
    self.verdict = verdict
  }

  var performed: [(entry: AgendaEntry, time: Timestamp)] { state.look { $0.performed } }
  var mostUnderWay: Int { state.look { $0.mostUnderWay } }

  @Sendable func perform(_ entry: AgendaEntry) async -> Verdict {
    let time = clock.now
    state.look { state in
      state.underWay += 1
      state.mostUnderWay = max(state.mostUnderWay, state.underWay)
    }
    if duration > .zero { try? await clock.sleep(duration) }
    let verdict = await verdict(entry, time)
    state.change { state in
      state.underWay -= 1
      if !Task.isCancelled { state.performed.append((entry, time)) }
    }
    return verdict
  }

  /// Waits until so much was done.
  func done(_ count: Int) async {
    _ = await state.wait { $0.performed.count >= count ? true : nil }
  }
}
