import Contracts
import EventModel
import EventSourcing
import Testing

@Suite(.timeLimit(.minutes(5))) struct StateFoldTests {
  private func handler(
    _ store: any EventStore, _ functions: ScriptedFunctions,
    _ settings: StateSettings = StateSettings(), limits: CommandLimits = CommandLimits()
  ) -> CommandHandler {
    CommandHandler(
      store: store, logic: functions, states: StateFold(by: functions, settings: settings),
      limits: limits, environment: .impatient)
  }

  /// Each command leads to one event, named after the state that it was decided on.
  private func naming(
    failure: @escaping ScriptedFunctions.Failure = { _, _ in nil },
    suffix: @escaping @Sendable (Int) -> String = { _ in "" }
  ) -> ScriptedFunctions {
    ScriptedFunctions(failure: failure, suffix: suffix) { state, _ in
      book("\(state.utf8.count)")
    }
  }

  private func stored(_ store: any EventStore) async throws -> [String] {
    try await store.commits(of: root(1), from: 0, limit: ReadLimit(count: 10_000))
      .flatMap { texts($0.commit.pages) }
  }

  private func fill(_ store: any EventStore, _ count: Int) async throws {
    for number in 0..<count {
      _ = try await store.append(commit(at: SequenceNumber(UInt32(number)), "x"))
    }
  }

  // MARK: Whose state it is

  @Test func handleSeesTheStateAfterAllEvents() async throws {
    let (store, functions) = (try await memoryStore(), naming())
    let commands = handler(store, functions)
    for _ in 0..<3 { _ = try await commands.handle(command(), deadline: soon) }
    #expect(try await stored(store) == ["0", "1", "2"])
    #expect(try await store.snapshot(of: root(1)) == nil)
  }

  @Test func aCommandOnKnownStateFoldsItsOwnEventsOnly() async throws {
    let (store, functions) = (try await memoryStore(), naming())
    try await fill(store, 5)
    let commands = handler(store, functions)
    for _ in 0..<2 { _ = try await commands.handle(command(), deadline: soon) }
    #expect(functions.portions == [["x", "x", "x", "x", "x"], ["5"], ["6"]])
  }

  @Test func aRefusalKeepsWhatWasFolded() async throws {
    let store = try await memoryStore()
    try await fill(store, 3)
    let functions = ScriptedFunctions { _, _ throws(LogicError) in throw .refused(Refusal()) }
    let commands = handler(store, functions)
    for _ in 0..<2 {
      await #expect(throws: Refusal()) { try await commands.handle(command(), deadline: soon) }
    }
    #expect(functions.portions == [["x", "x", "x"]])
    #expect(try await store.next(of: root(1)) == 3)
  }

  @Test func nothingToDoStoresNothing() async throws {
    let (store, functions) = (try await memoryStore(), ScriptedFunctions { _, _ in book() })
    #expect(
      try await handler(store, functions).handle(command(), deadline: soon) == CommandResult())
    #expect(functions.portions.isEmpty)
  }

  @Test func severalEventsOfACommandAreFoldedTogether() async throws {
    let (store, functions) = (try await memoryStore(), ScriptedFunctions { _, _ in book("a", "b") })
    _ = try await handler(store, functions).handle(command(), deadline: soon)
    #expect(functions.portions == [["a", "b"]])
  }

  @Test func aRepeatedIdGetsItsStoredAnswer() async throws {
    let (store, functions) = (try await memoryStore(), naming())
    let first = try await handler(store, functions).handle(command(id: "c"), deadline: soon)
    let again = try await handler(store, functions).handle(command(id: "c"), deadline: soon)
    #expect(again.alreadyHandled && again.recorded == first.recorded)
    #expect(functions.timesAsked == 1)
  }

  // MARK: Portions

  @Test func aLongHistoryIsFoldedInPortions() async throws {
    let (store, functions) = (try await memoryStore(), naming())
    try await fill(store, 1000)
    var settings = StateSettings()
    settings.portionBytes = 200
    _ = try await handler(store, functions, settings).handle(command(), deadline: soon)
    #expect(try await stored(store).last == "1000")
    #expect(functions.portions.count > 50)
    #expect(functions.portions.allSatisfy { $0.count < 20 })
  }

  @Test func aFoldThatRanOutOfTimeGoesOnWhereItStopped() async throws {
    let store = try await memoryStore()
    try await fill(store, 100)
    let functions = naming { _, count in count == 4 ? .timedOut : nil }
    var settings = StateSettings()
    settings.portionBytes = 200
    let commands = handler(store, functions, settings)
    let error = await #expect(throws: EventSourcingError.self) {
      try await commands.handle(command(), deadline: soon)
    }
    #expect(error?.code == .timedOut)
    _ = try await commands.handle(command(), deadline: soon)
    #expect(try await stored(store).last == "100")
    // The portion that failed came twice, no other.
    let failed = functions.portions[3].count
    #expect(functions.portions.flatMap { $0 }.count == 100 + failed + 1)
  }

  // MARK: Other writers

  @Test func aConflictFoldsWhatIsNewAndDecidesAgain() async throws {
    let store = try await memoryStore()
    let functions = ScriptedFunctions { state, count in
      if count == 2 { _ = try? await store.append(commit(at: 1, "other")) }
      return book("[\(state)]")
    }
    let commands = handler(store, functions)
    for _ in 0..<2 { _ = try await commands.handle(command(), deadline: soon) }
    #expect(try await stored(store) == ["[]", "other", "[[]other]"])
    #expect(functions.portions == [["[]"], ["[[]]"], ["other"], ["[[]other]"]])
  }

  @Test func whatComesDuringAFoldIsFoldedWithTheRest() async throws {
    let (store, functions) = (try await memoryStore(), naming())
    try await fill(store, 3)
    // Another process appends between the look at the stream's end and the read.
    let calls = StoreCalls { call, count throws(StorageError) in
      if call == .commits, count == 1 { _ = try await store.append(commit(at: 3, "other")) }
    }
    let commands = handler(InterceptedStore(store, calls), functions)
    _ = try await commands.handle(command(id: "c"), deadline: soon)
    #expect(functions.portions == [["x", "x", "x", "other"], ["8"]])
    #expect(try await commands.handle(command(id: "c"), deadline: soon).alreadyHandled)
  }

  @Test func aRefusalOnStaleStateIsDecidedAgain() async throws {
    let store = try await memoryStore()
    let functions = ScriptedFunctions { state, _ throws(LogicError) in
      if state == "a" { throw .refused(Refusal()) }
      return book(state.isEmpty ? "a" : "b")
    }
    let commands = handler(store, functions)
    _ = try await commands.handle(command(), deadline: soon)
    _ = try await store.append(commit(at: 1, "other"))
    _ = try await commands.handle(command(), deadline: soon)
    #expect(try await stored(store) == ["a", "other", "b"])
  }

  @Test func recordedFactsAreFoldedByTheNextCommand() async throws {
    let (store, functions) = (try await memoryStore(), naming())
    let commands = handler(store, functions)
    _ = try await commands.handle(command(), deadline: soon)
    for _ in 0..<2 { _ = try await commands.record(book("f"), on: cover(1), deadline: soon) }
    _ = try await commands.handle(command(), deadline: soon)
    #expect(functions.portions == [["0"], ["f", "f"], ["3"]])
    #expect(try await stored(store) == ["0", "f", "f", "3"])
  }

  @Test func aRecordedSnapshotIsRefused() async throws {
    let (store, functions) = (try await memoryStore(), naming())
    let facts = book("a", snapshot: Snapshot(sequence: 0, state: [1]))
    let error = await #expect(throws: EventSourcingError.self) {
      try await handler(store, functions).record(facts, on: cover(1), deadline: soon)
    }
    #expect(error?.code == .invalid)
    #expect(try await store.next(of: root(1)) == 0)
  }

  // MARK: Snapshots

  @Test func aSnapshotIsStoredEverySoManyEvents() async throws {
    let (store, functions) = (try await memoryStore(), naming())
    var settings = StateSettings()
    settings.snapshotEvents = 3
    let commands = handler(store, functions, settings)
    var sequences: [SequenceNumber?] = []
    for _ in 0..<7 {
      _ = try await commands.handle(command(), deadline: soon)
      sequences.append(try await store.snapshot(of: root(1))?.sequence)
    }
    #expect(sequences == [nil, nil, 2, 2, 2, 5, 5])
  }

  @Test func aSnapshotIsStoredAfterSoManyBytes() async throws {
    let (store, functions) = (try await memoryStore(), naming())
    var settings = StateSettings()
    settings.snapshotBytes = 1
    _ = try await handler(store, functions, settings).handle(command(), deadline: soon)
    #expect(try await store.snapshot(of: root(1))?.state == Bytes("S0".utf8))
  }

  @Test func aLongHistoryThatWasFoldedIsASnapshotAtOnce() async throws {
    let (store, functions) = (try await memoryStore(), naming())
    try await fill(store, 100)
    _ = try await handler(store, functions).handle(command(), deadline: soon)
    #expect(try await store.snapshot(of: root(1))?.sequence == 100)
  }

  @Test func aNewProcessFoldsWhatTheSnapshotDoesNotInclude() async throws {
    let (store, functions) = (try await memoryStore(), naming())
    var settings = StateSettings()
    settings.snapshotEvents = 3
    for _ in 0..<5 {
      _ = try await handler(store, functions, settings).handle(command(), deadline: soon)
    }
    #expect(functions.portions.suffix(2) == [["3"], ["4"]])
    #expect(try await stored(store) == ["0", "1", "2", "3", "4"])
  }

  @Test func aStateThatIsTooLargeForACommitIsNoSnapshot() async throws {
    let store = try await memoryStore()
    let functions = naming(suffix: { _ in String(repeating: "s", count: 1000) })
    var (settings, limits) = (StateSettings(), CommandLimits())
    settings.snapshotEvents = 1
    limits.commitBytesMax = 500
    _ = try await handler(store, functions, settings, limits: limits)
      .handle(command(), deadline: soon)
    #expect(try await store.snapshot(of: root(1)) == nil)
    #expect(try await store.next(of: root(1)) == 1)
  }

  @Test func aSnapshotOfTheClassicStyleIsPassedOver() async throws {
    let (store, functions) = (try await memoryStore(), naming())
    let classic = Snapshot(sequence: 0, state: Bytes("classic".utf8))
    _ = try await store.append(commit(at: 0, "a", snapshot: classic))
    _ = try await handler(store, functions).handle(command(), deadline: soon)
    #expect(functions.portions == [["a"], ["1"]])
  }

  // MARK: Apply that goes wrong

  @Test func applyThatFailsRefusesTheCommand() async throws {
    let store = try await memoryStore()
    let functions = naming { _, count in count == 1 ? .refused(Refusal()) : nil }
    let commands = handler(store, functions)
    let error = await #expect(throws: EventSourcingError.self) {
      try await commands.handle(command(), deadline: soon)
    }
    #expect(error?.code == .logicDefect)
    #expect(error?.message.contains("event 0 of bank/") == true)
    #expect(try await store.next(of: root(1)) == 0)
    _ = try await commands.handle(command(), deadline: soon)
    #expect(try await stored(store) == ["0"])
  }

  @Test func applyThatIsAwayIsAskedAgain() async throws {
    let store = try await memoryStore()
    let functions = naming { _, count in count < 3 ? .unavailable("gone") : nil }
    _ = try await handler(store, functions).handle(command(), deadline: soon)
    #expect(functions.portions.count == 3 && functions.timesAsked == 1)
  }

  @Test func applyThatIsNoFunctionIsFoundOut() async throws {
    let store = try await memoryStore()
    var settings = StateSettings()
    settings.checksApply = true
    let functions = ScriptedFunctions(suffix: { "\($0 / 4)" }, { _, _ in book("a", "b") })
    let error = await #expect(throws: EventSourcingError.self) {
      try await handler(store, functions, settings).handle(command(), deadline: soon)
    }
    #expect(error?.code == .logicDefect)
    #expect(error?.message.contains("event 1 of bank/") == true)
    #expect(try await store.next(of: root(1)) == 0)
    _ = try await handler(store, naming(), settings).handle(command(), deadline: soon)
    #expect(try await store.next(of: root(1)) == 1)
  }
}
