import Contracts
import EventModel
import EventSourcing
import Testing
import Timing

/// What a handler promises, it promises in both styles.
enum Style: CaseIterable {
  case classic, functions
}

/// Logic that is asked on a state: the texts of all events.
private struct Folded: EntityFunctions {
  let logic: any BusinessLogic

  func handle(
    _ command: Command, on aggregate: Aggregate, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> ProposedBook {
    try await logic.handle(command, on: aggregate, deadline: deadline)
  }

  func apply(
    _ pages: PageBlock, of cover: Cover, to state: Bytes?, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Bytes { (state ?? []) + Bytes(texts(pages).joined().utf8) }

  func isState(_ snapshot: Bytes) -> Bool { true }
}

@Suite(.timeLimit(.minutes(5))) struct CommandHandlerTests {
  private func handler(
    _ store: any EventStore, processors: [any SynchronousProcessor] = [],
    limits: CommandLimits = CommandLimits(), in style: Style = .classic, _ logic: any BusinessLogic
  ) -> CommandHandler {
    let functions = Folded(logic: logic)
    var environment = Environment.impatient
    environment.now = { Self.now }
    return CommandHandler(
      store: store, logic: style == .classic ? logic : functions,
      states: style == .classic ? nil : StateFold(by: functions), processors: processors,
      limits: limits, environment: environment)
  }

  private static let now = Timestamp(seconds: 1_700_000_000)

  @Test(arguments: Style.allCases)
  func whatTheLogicDecidesIsStoredAndNumbered(in style: Style) async throws {
    let store = try await memoryStore()
    let commands = handler(store, in: style, ScriptedLogic { _, _, _ in book("a", "b") })
    let first = try await commands.handle(command(), deadline: soon)
    let second = try await commands.handle(command(), deadline: soon)
    #expect(first.recorded?.commit.pages.pages.map(\.sequence) == [0, 1])
    #expect(second.recorded?.commit.pages.pages.map(\.sequence) == [2, 3])
    #expect(second.recorded?.position.number == 2)
    #expect(try await texts(store.load(root(1)).pages) == ["a", "b", "a", "b"])
  }

  @Test(arguments: Style.allCases)
  func theLogicSeesEveryEventSoFar(in style: Style) async throws {
    let logic = ScriptedLogic { _, aggregate, _ in book("\(aggregate.next)") }
    let store = try await memoryStore()
    for _ in 0..<3 {
      _ = try await handler(store, in: style, logic).handle(command(), deadline: soon)
    }
    #expect(try await texts(store.load(root(1)).pages) == ["0", "1", "2"])
  }

  @Test(arguments: Style.allCases)
  func anEmptyAnswerAppendsNothing(in style: Style) async throws {
    let store = try await memoryStore()
    let result = try await handler(store, in: style, ScriptedLogic { _, _, _ in book() })
      .handle(command(), deadline: soon)
    #expect(result == CommandResult())
    #expect(try await store.next(of: root(1)) == 0)
  }

  // MARK: Concurrency

  @Test(arguments: Style.allCases)
  func commandsForOneAggregateNeverRaceEachOther(in style: Style) async throws {
    let store = try await memoryStore()
    let logic = ScriptedLogic { _, aggregate, _ in
      await Task.yield()
      return book("\(aggregate.next)")
    }
    let commands = handler(store, in: style, logic)
    try await withThrowingTaskGroup { group in
      for _ in 0..<50 {
        group.addTask { _ = try await commands.handle(command(), deadline: soon) }
      }
      try await group.waitForAll()
    }
    #expect(try await texts(store.load(root(1)).pages) == (0..<50).map(String.init))
    #expect(logic.timesAsked == 50)
  }

  @Test(arguments: Style.allCases)
  func anotherWritersEventMakesTheLogicDecideAgain(in style: Style) async throws {
    let store = try await memoryStore()
    let logic = ScriptedLogic { _, aggregate, count in
      if count == 1 { _ = try? await store.append(commit(at: 0, "other")) }
      return book("saw \(aggregate.next)")
    }
    _ = try await handler(store, in: style, logic).handle(command(), deadline: soon)
    #expect(try await texts(store.load(root(1)).pages) == ["other", "saw 1"])
  }

  @Test(arguments: Style.allCases)
  func endlessConflictsEndWithAConflict(in style: Style) async throws {
    let store = try await memoryStore()
    let logic = ScriptedLogic { _, aggregate, _ in
      _ = try? await store.append(commit(at: aggregate.next, "other"))
      return book("mine")
    }
    var limits = CommandLimits()
    limits.attemptsMax = 3
    let commands = handler(store, limits: limits, in: style, logic)
    let error = await #expect(throws: EventSourcingError.self) {
      try await commands.handle(command(), deadline: soon)
    }
    #expect(error?.code == .conflict)
    #expect(logic.timesAsked == 3)
  }

  @Test(arguments: Style.allCases)
  func aRefusalOnStaleStateIsDecidedAgain(in style: Style) async throws {
    let store = try await memoryStore()
    let logic = ScriptedLogic { _, aggregate, count throws(LogicError) in
      if count == 1 { return book("first") }
      if aggregate.next == 1 { throw .refused(Refusal()) }
      return book("saw \(aggregate.next)")
    }
    let commands = handler(store, in: style, logic)
    _ = try await commands.handle(command(), deadline: soon)  // cached now
    _ = try await store.append(commit(at: 1, "other"))
    _ = try await commands.handle(command(), deadline: soon)
    #expect(try await texts(store.load(root(1)).pages) == ["first", "other", "saw 2"])
  }

  @Test(arguments: Style.allCases)
  func theExpectedSequenceMustBeTheNext(in style: Style) async throws {
    let store = try await memoryStore()
    let commands = handler(store, in: style, ScriptedLogic { _, _, _ in book("a") })
    _ = try await commands.handle(command(expected: 0), deadline: soon)
    let error = await #expect(throws: EventSourcingError.self) {
      try await commands.handle(command(expected: 0), deadline: soon)
    }
    #expect(error?.code == .precondition)
    _ = try await commands.handle(command(expected: 1), deadline: soon)
    #expect(try await store.next(of: root(1)) == 2)
  }

  @Test(arguments: Style.allCases)
  func tooManyCommandsForOneAggregateAreRefused(in style: Style) async throws {
    var limits = CommandLimits()
    limits.waitingPerRootMax = 0
    let store = try await memoryStore()
    let (started, signal) = AsyncStream<Void>.makeStream()
    let (hold, release) = AsyncStream<Void>.makeStream()
    let logic = ScriptedLogic { _, _, _ in
      signal.yield()
      for await _ in hold { break }
      return book("a")
    }
    let commands = handler(store, limits: limits, in: style, logic)
    async let first = commands.handle(command(), deadline: soon)
    for await _ in started { break }
    let error = await #expect(throws: EventSourcingError.self) {
      try await commands.handle(command(), deadline: soon)
    }
    #expect(error?.code == .exhausted)
    release.finish()
    _ = try await first
  }

  // MARK: Refusals and failures

  @Test(arguments: Style.allCases)
  func aRefusalGoesToTheCallerAsItIsAndIsNotRetried(in style: Style) async throws {
    let store = try await memoryStore()
    let logic = ScriptedLogic { _, _, _ throws(LogicError) in throw .refused(Refusal()) }
    await #expect(throws: Refusal()) {
      try await handler(store, in: style, logic).handle(command(), deadline: soon)
    }
    #expect(logic.timesAsked == 1)
  }

  @Test(arguments: Style.allCases)
  func logicThatIsAwayIsAskedAgainUntilTheDeadline(in style: Style) async throws {
    let store = try await memoryStore()
    let back = ScriptedLogic { _, _, count throws(LogicError) in
      if count < 4 { throw .unavailable("away") }
      return book("a")
    }
    _ = try await handler(store, in: style, back).handle(command(), deadline: soon)
    #expect(back.timesAsked == 4)

    let gone = ScriptedLogic { _, _, _ throws(LogicError) in throw .unavailable("away") }
    let error = await #expect(throws: EventSourcingError.self) {
      try await handler(store, in: style, gone).handle(command(), deadline: .now)
    }
    #expect(error == EventSourcingError(.unavailable, "away"))
  }

  @Test func logicThatComesLateIsAskedWithinHalfASecond() async throws {
    let clock = VirtualClock()
    let late = Duration.seconds(60)
    let logic = ScriptedLogic { _, _, _ throws(LogicError) in
      if clock.elapsed < late { throw .unavailable("away") }
      return book("\(clock.elapsed <= late + .milliseconds(500))")
    }
    let store = try await memoryStore()
    let commands = CommandHandler(store: store, logic: logic, environment: clock.environment)
    try await clock.running {
      let deadline = clock.environment.instant() + late * 2
      _ = try await commands.handle(command(), deadline: deadline)
    }
    #expect(try await texts(store.load(root(1)).pages) == ["true"])
  }

  @Test(arguments: Style.allCases)
  func aFailingAppendIsNeverReportedAsSuccess(in style: Style) async throws {
    let store = InterceptedStore(try await memoryStore(), .failing(.append, at: 1))
    let commands = handler(
      store, in: style,
      ScriptedLogic { _, aggregate, _ in
        book("a", snapshot: Snapshot(sequence: aggregate.next, state: [1]))
      })
    let error = await #expect(throws: EventSourcingError.self) {
      try await commands.handle(command(), deadline: soon)
    }
    #expect(error == EventSourcingError(.unavailable, "append failed on request"))
    #expect(try await store.load(root(1)) == Aggregate(cover: cover(1)))
    let result = try await commands.handle(command(), deadline: soon)
    #expect(result.recorded?.commit.pages.first == 0)
  }

  // MARK: Wrong answers

  @Test func anAnswerAboutAnotherAggregateIsRefused() async throws {
    try await expectDefect(ProposedBook(cover: cover(2), pages: [ProposedPage(body: event())]))
  }

  @Test(arguments: Style.allCases)
  func anAnswerWithNumbersOutOfOrderIsRefused(in style: Style) async throws {
    try await expectDefect(
      in: style,
      ProposedBook(
        cover: nil,
        pages: [
          ProposedPage(number: .exactly(1), body: event()),
          ProposedPage(number: .exactly(0), body: event()),
        ]))
  }

  @Test(arguments: Style.allCases)
  func anAnswerWithAPageWithoutEventIsRefused(in style: Style) async throws {
    try await expectDefect(in: style, ProposedBook(cover: nil, pages: [ProposedPage(body: [])]))
  }

  @Test func aSnapshotWithoutPagesIsRefusedRatherThanLost() async throws {
    try await expectDefect(book(snapshot: Snapshot(sequence: 0, state: [1])))
  }

  @Test func aSnapshotOfEventsToComeIsRefused() async throws {
    try await expectDefect(book("a", snapshot: Snapshot(sequence: 1, state: [1])))
  }

  @Test func aSnapshotWhoseSequenceWasForgottenIsRefused() async throws {
    try await expectDefect(book("a", "b", snapshot: Snapshot(sequence: 0, state: [1])))
  }

  @Test(arguments: Style.allCases)
  func aCommitOverTheLimitIsRefused(in style: Style) async throws {
    var limits = CommandLimits()
    limits.commitBytesMax = 100
    let store = try await memoryStore()
    let large = String(repeating: "x", count: 101)
    let commands = handler(
      store, limits: limits, in: style, ScriptedLogic { _, _, _ in book(large) })
    let error = await #expect(throws: EventSourcingError.self) {
      try await commands.handle(command(), deadline: soon)
    }
    #expect(error?.code == .invalid)
    #expect(error?.message.contains("limit.commit-size") == true)
    #expect(try await store.next(of: root(1)) == 0)
  }

  @Test func aLongHistoryIsWarnedAboutEachTime() async throws {
    var limits = CommandLimits()
    limits.historyBytesWarned = 100
    let (events, signal) = AsyncStream<CommandEvent>.makeStream()
    let text = String(repeating: "x", count: 60)
    let commands = CommandHandler(
      store: try await memoryStore(), logic: ScriptedLogic { _, _, _ in book(text) },
      limits: limits, observe: { signal.yield($0) })
    for _ in 0..<4 { _ = try await commands.handle(command(), deadline: soon) }
    signal.finish()
    var counts: [Int] = []
    for await case .longHistory(let subject, let eventCount, let byteCount) in events {
      #expect(subject == cover(1) && byteCount >= 100)
      counts.append(eventCount)
    }
    #expect(counts == [2, 3])
  }

  private func expectDefect(
    in style: Style = .classic, _ answer: ProposedBook
  ) async throws {
    let store = try await memoryStore()
    let error = await #expect(throws: EventSourcingError.self) {
      try await handler(store, in: style, ScriptedLogic { _, _, _ in answer })
        .handle(command(), deadline: soon)
    }
    #expect(error?.code == .logicDefect)
    #expect(try await store.next(of: root(1)) == 0)
  }

  // MARK: Snapshots

  @Test func aSnapshotComesBackWithOnlyTheEventsAfterIt() async throws {
    let store = try await memoryStore()
    let logic = ScriptedLogic { _, aggregate, count in
      switch count {
      case 1: return book("a", "b", snapshot: Snapshot(sequence: 1, state: [9]))
      case 2: return book("c")
      default:
        let state = aggregate.snapshot.map { "\($0.state)@\($0.sequence)" } ?? "none"
        return book("\(state) then \(texts(aggregate.pages).joined())")
      }
    }
    let expected = "[9]@1 then c"
    let cached = handler(store, logic)
    for _ in 0..<2 { _ = try await cached.handle(command(), deadline: soon) }
    let fromCache = try await cached.handle(command(), deadline: soon)
    let fromStore = try await handler(store, logic).handle(command(), deadline: soon)
    #expect(texts(fromCache.recorded!.commit.pages) == [expected])
    #expect(texts(fromStore.recorded!.commit.pages) == [expected + expected])
  }

  @Test func stateOnlyLogicGetsItsSnapshotAndNoEvent() async throws {
    let store = try await memoryStore()
    let logic = ScriptedLogic { _, aggregate, _ throws(LogicError) in
      guard aggregate.pages.isEmpty else { throw .malformed("events without need") }
      let total = (aggregate.snapshot?.state.first ?? 0) + 1
      return book("total \(total)", snapshot: Snapshot(sequence: aggregate.next, state: [total]))
    }
    for _ in 0..<3 { _ = try await handler(store, logic).handle(command(), deadline: soon) }
    let commands = handler(store, logic)
    for _ in 0..<3 { _ = try await commands.handle(command(), deadline: soon) }
    #expect(try await store.load(root(1)).snapshot == Snapshot(sequence: 5, state: [6]))
  }

  @Test func aSnapshotOfTheFirstEventIsNotTakenForNothing() async throws {
    let store = try await memoryStore()
    let logic = ScriptedLogic { _, aggregate, count in
      if count == 1 { return book("a", snapshot: Snapshot(sequence: 0, state: [1])) }
      return book("\(aggregate.snapshot != nil) \(aggregate.pages.isEmpty)")
    }
    _ = try await handler(store, logic).handle(command(), deadline: soon)
    let second = try await handler(store, logic).handle(command(), deadline: soon)
    #expect(texts(second.recorded!.commit.pages) == ["true true"])
  }

  // MARK: Command ids

  @Test(arguments: Style.allCases)
  func aKnownCommandIdGivesTheStoredAnswerAgain(in style: Style) async throws {
    let store = try await memoryStore()
    let logic = ScriptedLogic { _, _, _ in book("a") }
    let first = try await handler(store, in: style, logic).handle(command(id: "x"), deadline: soon)
    let again = try await handler(store, in: style, logic).handle(command(id: "x"), deadline: soon)
    #expect(!first.alreadyHandled)
    #expect(again.alreadyHandled)
    #expect(again.recorded == first.recorded)
    #expect(logic.timesAsked == 1)
    #expect(try await store.next(of: root(1)) == 1)
  }

  @Test(arguments: Style.allCases)
  func whoIsNewToAnAggregateFindsWhatOthersHandled(in style: Style) async throws {
    let store = try await memoryStore()
    let logic = ScriptedLogic { _, _, _ in book("a") }
    let (here, there) = (handler(store, in: style, logic), handler(store, in: style, logic))
    _ = try await here.handle(command(id: "x"), deadline: soon)
    _ = try await there.handle(command(id: "y"), deadline: soon)
    // In memory here, without y.
    let again = try await here.handle(command(id: "y"), deadline: soon)
    #expect(again.alreadyHandled)
    #expect(try await store.next(of: root(1)) == 2)
  }

  @Test(arguments: [nil, 1] as [SequenceNumber?])
  func aRefusalBecauseOfItsOwnFirstTryIsTheStoredAnswer(expected: SequenceNumber?) async throws {
    let store = try await memoryStore()
    let logic = ScriptedLogic { _, _, count throws(LogicError) in
      if count == 1 { return book("first") }
      // Another process stores the first try, which was not there when this one looked for it.
      if count == 2 { _ = try? await store.append(commit(at: 1, "opened", commandID: "x")) }
      throw .refused(Refusal())
    }
    let commands = handler(store, logic)
    _ = try await commands.handle(command(), deadline: soon)
    let again = try await commands.handle(command(id: "x", expected: expected), deadline: soon)
    #expect(again.alreadyHandled)
    #expect(again.recorded?.position.number == 2)
    #expect(try await texts(store.load(root(1)).pages) == ["first", "opened"])
  }

  /// Commands that say that they are the first of their aggregate, each in another way.
  private static func firstCommands() -> [Command] {
    var random = SystemRandomNumberGenerator()
    let root = Root.timeOrdered(at: now, using: &random)
    return [
      command(id: "x", expected: .first),
      Command(cover: Cover(domain: bank, root: root), id: "x", encoded: [1, 2, 3]),
    ]
  }

  @Test(arguments: Style.allCases, firstCommands())
  func nothingIsReadForAnAggregatesFirstCommand(in style: Style, command: Command) async throws {
    let calls = StoreCalls()
    let store = InterceptedStore(try await memoryStore(), calls)
    let commands = handler(store, in: style, ScriptedLogic { _, _, _ in book("a") })
    let result = try await commands.handle(command, deadline: soon)
    #expect(result.recorded?.commit.pages.first == .first)
    for read: StoreCall in [.next, .load, .commits, .conclusion] {
      #expect(calls.count(of: read) == 0)
    }
  }

  @Test(arguments: Style.allCases)
  func anAggregateThatIsNotNewAfterAllIsRead(in style: Style) async throws {
    let store = try await memoryStore()
    let logic = ScriptedLogic { _, aggregate, _ in book("\(aggregate.next)") }
    var next = Self.firstCommands()[1]
    _ = try await handler(store, in: style, logic).handle(next, deadline: soon)
    next.id = "y"
    let result = try await handler(store, in: style, logic).handle(next, deadline: soon)
    #expect(result.recorded?.commit.pages.first == 1)
    #expect(try await texts(store.load(next.cover.root).pages) == ["0", "1"])
  }

  @Test(arguments: Style.allCases)
  func whoExpectsANewAggregateIsToldThatItIsNot(in style: Style) async throws {
    let store = try await memoryStore()
    let logic = ScriptedLogic { _, _, _ in book("a") }
    _ = try await handler(store, in: style, logic).handle(command(), deadline: soon)
    let error = await #expect(throws: EventSourcingError.self) {
      try await handler(store, in: style, logic).handle(command(expected: .first), deadline: soon)
    }
    #expect(error?.code == .precondition)
    #expect(try await texts(store.load(root(1)).pages) == ["a"])
  }

  @Test(arguments: Style.allCases, firstCommands())
  func aFirstCommandThatComesAgainIsHandledOnce(in style: Style, command: Command) async throws {
    let store = try await memoryStore()
    let refusing = ScriptedLogic { _, aggregate, _ throws(LogicError) in
      if aggregate.next > .first {
        throw .refused(Refusal())
      }
      return book("a")
    }
    _ = try await handler(store, in: style, refusing).handle(command, deadline: soon)
    let again = try await handler(store, in: style, refusing).handle(command, deadline: soon)
    #expect(again.alreadyHandled)
    #expect(try await texts(store.load(command.cover.root).pages) == ["a"])
  }

  @Test(arguments: Style.allCases)
  func commandIdsAreScopedToTheirAggregate(in style: Style) async throws {
    let store = try await memoryStore()
    let commands = handler(store, in: style, ScriptedLogic { _, _, _ in book("a") })
    _ = try await commands.handle(command(1, id: "x"), deadline: soon)
    let other = try await commands.handle(command(2, id: "x"), deadline: soon)
    #expect(!other.alreadyHandled)
  }

  @Test(arguments: Style.allCases)
  func aCommandThatAppendedNothingIsAskedAgain(in style: Style) async throws {
    let store = try await memoryStore()
    let logic = ScriptedLogic { _, _, count in count == 1 ? book() : book("a") }
    let commands = handler(store, in: style, logic)
    _ = try await commands.handle(command(id: "x"), deadline: soon)
    let again = try await commands.handle(command(id: "x"), deadline: soon)
    #expect(again.recorded != nil)
    #expect(!again.alreadyHandled)
  }

  // MARK: Conclusions

  @Test(arguments: Style.allCases)
  func aCommandThatWasConcludedWithoutEventsLeadsToNoneLater(in style: Style) async throws {
    let store = try await memoryStore()
    let logic = ScriptedLogic { _, _, count throws(LogicError) in
      if count == 1 { throw .refused(Refusal()) }
      return book("a")
    }
    let commands = handler(store, in: style, logic)
    await #expect(throws: Refusal()) {
      try await commands.conclude(command(id: "x"), deadline: soon)
    }
    await #expect(throws: ErrorStatus(Refusal())) {
      try await commands.handle(command(id: "x"), deadline: soon)
    }
    _ = try await commands.handle(command(id: "y"), deadline: soon)
    #expect(try await store.next(of: root(1)) == 1)
  }

  /// The logic would say something else by now: refuse in other words, or accept.
  private static let laterWords = [
    ScriptedLogic { _, _, _ throws(LogicError) in
      throw .refused(Refusal(statusCode: .outOfRange, statusMessage: "no longer"))
    },
    ScriptedLogic { _, _, _ in book() }, ScriptedLogic { _, _, _ in book("a") },
    ScriptedLogic { _, _, _ throws(LogicError) in throw .timedOut },
  ]

  @Test(arguments: Style.allCases, laterWords)
  func aRepeatOfARefusedCommandIsRefusedInTheSameWords(
    in style: Style, logic: ScriptedLogic
  ) async throws {
    let store = try await memoryStore()
    let refusing = ScriptedLogic { _, _, _ throws(LogicError) in throw .refused(Refusal()) }
    await #expect(throws: Refusal()) {
      try await handler(store, in: style, refusing).conclude(command(id: "x"), deadline: soon)
    }
    let commands = handler(store, in: style, logic)
    for _ in 0..<2 {
      await #expect(throws: ErrorStatus(Refusal())) {
        try await commands.handle(command(id: "x"), deadline: soon)
      }
      await #expect(throws: ErrorStatus(Refusal())) {
        try await commands.conclude(command(id: "x"), deadline: soon)
      }
      await #expect(throws: ErrorStatus(Refusal())) {
        try await commands.record(facts(id: "x"), on: cover(1), deadline: soon)
      }
      // Known by now: from the cache.
      _ = try await commands.record(facts(id: nil), on: cover(1), deadline: soon)
    }
  }

  @Test(arguments: Style.allCases, laterWords)
  func aRepeatOfACommandWithNothingToDoHasNothingToDo(
    in style: Style, logic: ScriptedLogic
  ) async throws {
    let store = try await memoryStore()
    let idle = handler(store, in: style, ScriptedLogic { _, _, _ in book() })
    let first = try await idle.conclude(command(id: "x"), deadline: soon)
    #expect(first == CommandResult())
    let commands = handler(store, in: style, logic)
    let repeated = CommandResult(alreadyHandled: true)
    for _ in 0..<2 {
      #expect(try await commands.handle(command(id: "x"), deadline: soon) == repeated)
      #expect(try await commands.conclude(command(id: "x"), deadline: soon) == repeated)
      #expect(
        try await commands.record(facts(id: "x"), on: cover(1), deadline: soon) == repeated)
      _ = try await commands.record(facts(id: nil), on: cover(1), deadline: soon)
    }
  }

  @Test(arguments: Style.allCases, laterWords)
  func aRepeatOfAnExpiredCommandIsToldSo(in style: Style, logic: ScriptedLogic) async throws {
    let store = try await memoryStore()
    _ = try await store.bar("x", of: root(1), as: .expired)
    let commands = handler(store, in: style, logic)
    let expired = EventSourcingError(
      .expired,
      "command x of \(cover(1)) expired before it was carried out, and never will be: give a new "
        + "command an id of its own")
    await #expect(throws: expired) {
      try await commands.handle(command(id: "x"), deadline: soon)
    }
    await #expect(throws: expired) {
      try await commands.conclude(command(id: "x"), deadline: soon)
    }
    await #expect(throws: expired) {
      try await commands.record(facts(id: "x"), on: cover(1), deadline: soon)
    }
  }

  @Test(arguments: Style.allCases)
  func theLogicIsNotAskedAgainWhereTheEndIsLookedUp(in style: Style) async throws {
    let store = try await memoryStore()
    _ = try await store.append(commit(at: 0, "a"))
    _ = try await store.bar("x", of: root(1), as: .nothingToDo)
    let logic = ScriptedLogic { _, _, _ in book("b") }
    _ = try await handler(store, in: style, logic).handle(command(id: "x"), deadline: soon)
    #expect(logic.timesAsked == 0)
  }

  private func facts(id: String?) -> ProposedBook {
    var facts = book("fact")
    facts.commandID = id
    return facts
  }

  @Test(arguments: Style.allCases)
  func whatMayPassConcludesNothing(in style: Style) async throws {
    let store = try await memoryStore()
    let logic = ScriptedLogic { _, _, _ throws(LogicError) in throw .timedOut }
    await #expect(throws: (any Error).self) {
      try await handler(store, in: style, logic).conclude(command(id: "x"), deadline: soon)
    }
    let accepting = handler(store, in: style, ScriptedLogic { _, _, _ in book("a") })
    #expect(try await accepting.conclude(command(id: "x"), deadline: soon).recorded != nil)
  }

  @Test func aRefusalWhoseCommandAnotherProcessStoredIsTheStoredAnswer() async throws {
    let memory = try await memoryStore()
    let calls = StoreCalls { call, _ throws(StorageError) in
      if call == .bar { _ = try await memory.append(commit(at: 0, "a", commandID: "x")) }
    }
    let logic = ScriptedLogic { _, _, _ throws(LogicError) in throw .refused(Refusal()) }
    let concluded = try await handler(InterceptedStore(memory, calls), logic)
      .conclude(command(id: "x"), deadline: soon)
    #expect(concluded.alreadyHandled)
    #expect(concluded.recorded?.position.number == 1)
  }
}
