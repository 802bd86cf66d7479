import Contracts
import EventModel
import MemoryStorage
import Testing
import Timing

@testable import EventSourcing

/// One test after the other: each keeps a processor busy while time passes.
@Suite(.serialized, .timeLimit(.minutes(5))) struct DispatchTests {
  private let appending = ScriptedLogic { _, _, _ in book("e", "f") }

  // MARK: How commands end

  @Test func aDispatchedCommandIsCarriedOut() async throws {
    let dispatching = try await Dispatching(logic: appending)
    #expect(try await dispatching.dispatch("c1") == false)
    #expect(try await dispatching.end(of: "c1") == nil)
    try await dispatching.carryUntilEnded("c1")
    let standing = try await dispatching.dispatcher.standing(of: dispatching.reference("c1"))
    #expect(
      standing.end == .appended(EventSpan(first: 0, count: 2), Position(partition: 0, number: 1)))
    #expect(standing.events.map { texts($0.pages) } == ["e", "f"])
    #expect(standing.events?.commandID == "c1")
  }

  @Test func aRepeatIsStoredOnceAndHasEffectOnce() async throws {
    let dispatching = try await Dispatching(logic: appending)
    try await dispatching.dispatch("c1")
    #expect(try await dispatching.dispatch("c1"))
    try await dispatching.carryUntilEnded("c1")
    #expect(try await dispatching.dispatch("c1"))
    #expect(try await dispatching.handled() == ["c1"])
  }

  @Test func aRefusalIsFinal() async throws {
    let logic = ScriptedLogic { _, _, _ throws(LogicError) in throw .refused(Refusal()) }
    let dispatching = try await Dispatching(logic: logic)
    try await dispatching.dispatch("c1")
    try await dispatching.carryUntilEnded("c1")
    #expect(try await dispatching.end(of: "c1") == .refused(.failedPrecondition, message: "no"))
    #expect(logic.timesAsked == 1)
  }

  @Test func nothingToDoIsAnEnd() async throws {
    let dispatching = try await Dispatching(logic: ScriptedLogic { _, _, _ in book() })
    try await dispatching.dispatch("c1")
    try await dispatching.carryUntilEnded("c1")
    #expect(try await dispatching.end(of: "c1") == .nothingToDo)
  }

  @Test func whatIsTemporaryIsTriedAgainAndTheOrderIsKept() async throws {
    let logic = ScriptedLogic { command, _, count throws(LogicError) in
      if command.id == "c0", count < 30 { throw .timedOut }
      return book("e")
    }
    let dispatching = try await Dispatching(logic: logic)
    for number in 0..<5 { try await dispatching.dispatch("c\(number)") }
    try await dispatching.carryUntilEnded("c4")
    #expect(try await dispatching.handled() == ["c0", "c1", "c2", "c3", "c4"])
  }

  @Test func oneAggregateThatIsStuckDoesNotStopTheOthers() async throws {
    let logic = ScriptedLogic { command, _, _ throws(LogicError) in
      if command.cover == cover(1) { throw .unavailable("away") }
      return book("e")
    }
    let dispatching = try await Dispatching(logic: logic)
    try await dispatching.dispatch("c1", to: 1)
    try await dispatching.dispatch("c2", to: 2)
    try await dispatching.carryUntilEnded("c2", number: 2)
    #expect(try await dispatching.end(of: "c1") == nil)
  }

  @Test func aCorrelationThatOnlyLooksLikeTheIDIsKept() async throws {
    let dispatching = try await Dispatching(logic: appending)
    var command = command(id: "K")
    command.origin.correlation = "\u{212A}"
    _ = try await dispatching.dispatcher.dispatch(DispatchedCommand(command))
    try await dispatching.carryUntilEnded("K")
    let standing = try await dispatching.dispatcher.standing(of: dispatching.reference("K"))
    #expect(standing.events?.origin.correlation.bytewise == "\u{212A}")
  }

  /// `String` takes a colon and the accent behind it for one character.
  @Test(arguments: ["c1", "\u{301}c1", "\u{212A}"])
  func theCommandOfAnEndIsFoundByItsBytes(id: String) {
    let keys = StepKeys(id)
    for key in [keys.end, keys.due] {
      #expect(StepKeys(endedBy: key)?.id.bytewise == Name(id))
    }
  }

  // MARK: Expiry

  @Test func aCommandExpiresWhileItIsTriedAgain() async throws {
    let logic = ScriptedLogic { _, _, _ throws(LogicError) in throw .unavailable("away") }
    let dispatching = try await Dispatching(logic: logic)
    try await dispatching.dispatch("c1", expiresAt: 60)
    try await dispatching.carryUntilEnded("c1")
    #expect(try await dispatching.end(of: "c1") == .expired)
    #expect(dispatching.clock.elapsed >= .seconds(60))
    #expect(dispatching.clock.elapsed < .seconds(90))
  }

  /// Its answer was lost, but not its events.
  @Test func whatWasStoredBeforeItExpiredIsNoExpiry() async throws {
    let dispatching = try await Dispatching(logic: appending)
    try await dispatching.dispatch("c1", expiresAt: 1)
    _ = try await dispatching.handler.handle(command(id: "c1"), deadline: soon)
    try await dispatching.clock.running {
      try await dispatching.environment.sleep(.seconds(5))
    }
    try await dispatching.carryUntilEnded("c1")
    #expect(
      try await dispatching.end(of: "c1")
        == .appended(EventSpan(first: 0, count: 2), Position(partition: 0, number: 1)))
  }

  // MARK: Another process

  /// Two processes take each other for gone: one is stopped where it is about to store what its
  /// logic said, and the other carries the command out meanwhile.
  private func standstill(
    _ logic: ScriptedLogic, beforeAppend number: Int, expiresAt: Int64? = nil,
    meanwhile otherLogic: ScriptedLogic
  ) async throws -> Dispatching {
    let storage = MemoryStorage()
    let other = CommandHandler(store: try await storage.domain(bank), logic: otherLogic)
    let calls = StoreCalls { call, count in
      guard call == .append, count == number else { return }
      _ = try? await other.conclude(command(id: "c1"), deadline: soon)
    }
    let dispatching = try await Dispatching(
      storage: InterceptedStorage(storage, calls), logic: logic)
    try await dispatching.dispatch("c1", expiresAt: expiresAt)
    if let expiresAt {
      try await dispatching.clock.running {
        try await dispatching.environment.sleep(.seconds(expiresAt + 1))
      }
    }
    try await dispatching.carryUntilEnded("c1")
    #expect(otherLogic.timesAsked == 1)
    return dispatching
  }

  private let refusing = ScriptedLogic { _, _, _ throws(LogicError) in throw .refused(Refusal()) }

  @Test func whatOneProcessRefusedNoOtherAccepts() async throws {
    let dispatching = try await standstill(refusing, beforeAppend: 2, meanwhile: appending)
    #expect(try await dispatching.end(of: "c1") == .refused(.failedPrecondition, message: "no"))
    #expect(try await dispatching.handled() == [])
  }

  @Test func whatOneProcessRefusedIsNotStoredByOneThatAcceptedItBefore() async throws {
    let dispatching = try await standstill(appending, beforeAppend: 2, meanwhile: refusing)
    #expect(try await dispatching.end(of: "c1") == .refused(.failedPrecondition, message: "no"))
    #expect(try await dispatching.handled() == [])
  }

  @Test func whatSawNothingToDoForOneProcessHasNoEventsOfAnother() async throws {
    let dispatching = try await standstill(
      ScriptedLogic { _, _, _ in book() }, beforeAppend: 2, meanwhile: appending)
    #expect(try await dispatching.end(of: "c1") == .nothingToDo)
    #expect(try await dispatching.handled() == [])
  }

  @Test func whatHasExpiredIsAcceptedByNobody() async throws {
    let dispatching = try await standstill(
      refusing, beforeAppend: 2, expiresAt: 1, meanwhile: appending)
    #expect(try await dispatching.end(of: "c1") == .expired)
    #expect(try await dispatching.handled() == [])
  }

  /// Another process ended it, and stopped before it wrote the end.
  @Test(
    arguments: [
      (.nothingToDo, .nothingToDo), (.expired, .expired),
      (.refused(ErrorStatus(.outOfRange, "too much")), .refused(.outOfRange, message: "too much")),
    ] as [(EndWithoutEvents, CommandEnd)], [nil, 1] as [Int64?])
  func whatIsBarredEndsAsItWasBarred(
    _ ends: (barred: EndWithoutEvents, told: CommandEnd), expiresAt: Int64?
  ) async throws {
    let dispatching = try await Dispatching(logic: appending)
    try await dispatching.dispatch("c1", expiresAt: expiresAt)
    _ = try await dispatching.store.bar("c1", of: root(1), as: ends.barred)
    if expiresAt != nil {
      try await dispatching.clock.running {
        try await dispatching.environment.sleep(.seconds(5))
      }
    }
    try await dispatching.carryUntilEnded("c1")
    #expect(try await dispatching.end(of: "c1") == ends.told)
    #expect(try await dispatching.handled() == [])
  }

  // MARK: Later

  @Test func aDelayedCommandWaitsForItsTime() async throws {
    let dispatching = try await Dispatching(logic: appending)
    try await dispatching.dispatch("later", notBefore: 100)
    try await dispatching.dispatch("now")
    let elapsed = try await dispatching.carrying {
      try await dispatching.waitUntil { try await dispatching.end(of: "now") != nil }
      #expect(try await dispatching.end(of: "later") == nil)
      try await dispatching.waitUntil { try await dispatching.end(of: "later") != nil }
      return dispatching.clock.elapsed
    }
    #expect(try await dispatching.handled() == ["now", "later"])
    #expect(elapsed >= .seconds(100))
    let standing = try await dispatching.dispatcher.standing(of: dispatching.reference("later"))
    #expect(try #require(standing.endedAt) >= dispatching.time(100))
  }

  @Test func aTimeThatHasPassedIsNoDelay() async throws {
    let dispatching = try await Dispatching(logic: appending)
    try await dispatching.dispatch("c1", notBefore: -5)
    try await dispatching.carryUntilEnded("c1")
    #expect(dispatching.clock.elapsed < .seconds(1))
  }

  @Test func commandsAreCarriedOutAsTheyBecomeDue() async throws {
    let logic = ScriptedLogic { command, _, count throws(LogicError) in
      if command.id == "first", count < 20 { throw .timedOut }
      return book("e")
    }
    let dispatching = try await Dispatching(logic: logic)
    try await dispatching.dispatch("third", notBefore: 2)
    try await dispatching.dispatch("second", notBefore: 1)
    try await dispatching.dispatch("first")
    try await dispatching.carryUntilEnded("third")
    #expect(try await dispatching.handled() == ["first", "second", "third"])
  }

  @Test func aDelayedCommandMayExpireBeforeAnybodyCarriesItOut() async throws {
    let dispatching = try await Dispatching(logic: appending)
    try await dispatching.dispatch("c1", notBefore: 10, expiresAt: 20)
    try await dispatching.clock.running { try await dispatching.environment.sleep(.seconds(30)) }
    try await dispatching.carryUntilEnded("c1")
    #expect(try await dispatching.end(of: "c1") == .expired)
    #expect(appending.timesAsked == 0)
  }

  // MARK: Cancelling

  @Test func whatIsCancelledInTimeIsNeverCarriedOut() async throws {
    let dispatching = try await Dispatching(logic: appending)
    try await dispatching.dispatch("c1", notBefore: 10)
    let standing = try await dispatching.dispatcher.cancel(dispatching.reference("c1"))
    #expect(standing.end == .cancelled)
    // Entered in the agenda all the same: the log comes later.
    try await dispatching.carrying { try await dispatching.environment.sleep(.seconds(30)) }
    #expect(try await dispatching.end(of: "c1") == .cancelled)
    #expect(appending.timesAsked == 0)
    let again = try await dispatching.dispatcher.cancel(dispatching.reference("c1"))
    #expect(again.end == .cancelled)
  }

  @Test func whatIsDueIsNotCancelled() async throws {
    let logic = ScriptedLogic { _, _, _ throws(LogicError) in throw .unavailable("away") }
    let dispatching = try await Dispatching(logic: logic)
    try await dispatching.dispatch("c1", notBefore: 10)
    try await dispatching.carrying {
      try await dispatching.waitUntil { logic.timesAsked > 0 }
      await #expect(
        throws: EventSourcingError(
          .precondition, "command c1 is due already, and is being carried out")
      ) {
        try await dispatching.dispatcher.cancel(dispatching.reference("c1"))
      }
    }
  }

  @Test func whatHasEndedIsNotCancelled() async throws {
    let dispatching = try await Dispatching(logic: appending)
    try await dispatching.dispatch("c1")
    try await dispatching.carryUntilEnded("c1")
    await #expect(
      throws: EventSourcingError(
        .precondition, "command c1 has ended: its events stand at position 1")
    ) {
      try await dispatching.dispatcher.cancel(dispatching.reference("c1"))
    }
  }

  /// Many commands come due while they are cancelled: each is either, and none is both.
  @Test func comingDueAndBeingCancelledExcludeEachOther() async throws {
    let dispatching = try await Dispatching(logic: appending)
    for number in 0..<100 as Range<UInt8> {
      try await dispatching.dispatch("c", to: number, notBefore: 1 + Int64(number % 3))
    }
    let cancelled = try await dispatching.carrying {
      try await dispatching.environment.sleep(.milliseconds(2000))
      var cancelled: Set<UInt8> = []
      for number in 0..<100 as Range<UInt8> {
        let reference = dispatching.reference("c", of: number)
        let standing = try? await dispatching.dispatcher.cancel(reference)
        if standing != nil { cancelled.insert(number) }
      }
      for number in 0..<100 as Range<UInt8> {
        try await dispatching.waitUntil { try await dispatching.end(of: "c", number) != nil }
      }
      return cancelled
    }
    for number in 0..<100 as Range<UInt8> {
      let isHandled = try await !dispatching.handled(number).isEmpty
      let end = try await dispatching.end(of: "c", number)
      #expect(isHandled != cancelled.contains(number))
      #expect((end == .cancelled) == cancelled.contains(number))
    }
    #expect(!cancelled.isEmpty)
  }

  // MARK: Waiting

  @Test func whoWaitsIsWokenByTheEnd() async throws {
    let dispatching = try await Dispatching(logic: appending)
    try await dispatching.dispatch("c1", notBefore: 10)
    let deadline = dispatching.environment.instant() + .seconds(3600)
    try await dispatching.carrying {
      let standing = try await dispatching.dispatcher.outcome(
        of: dispatching.reference("c1"), until: deadline)
      #expect(standing.events != nil)
      let again = try await dispatching.dispatcher.outcome(
        of: dispatching.reference("c1"), until: deadline)
      #expect(again == standing)
    }
    #expect(dispatching.clock.elapsed < .seconds(3600))
  }

  @Test func whoWaitsInVainHearsHowItStands() async throws {
    let dispatching = try await Dispatching(logic: appending)
    try await dispatching.dispatch("c1")
    let start = dispatching.environment.instant()
    try await dispatching.clock.running {
      let standing = try await dispatching.dispatcher.outcome(
        of: dispatching.reference("c1"), until: start + .seconds(10))
      #expect(standing.end == nil)
    }
    #expect(dispatching.clock.elapsed > .seconds(9))
    #expect(dispatching.clock.elapsed < .seconds(10))
  }

  @Test func onlySoManyWait() async throws {
    let dispatching = try await Dispatching(awaitedMax: 2, logic: appending)
    try await dispatching.dispatch("c1")
    let deadline = dispatching.environment.instant() + .seconds(60)
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<3 {
        group.addTask {
          do {
            _ = try await dispatching.dispatcher.outcome(
              of: dispatching.reference("c1"), until: deadline)
            return true
          } catch { return false }
        }
      }
      #expect(await group.next() == false)
      group.cancelAll()
    }
  }

  @Test func endsAreWatched() async throws {
    let dispatching = try await Dispatching(logic: appending)
    let seen = Counter()
    try await dispatching.carrying {
      let watch = dispatching.clock.task {
        try await dispatching.dispatcher.watch { standing in
          if standing.events != nil { seen.add(1) }
        }
      }
      defer { watch.cancel() }
      var number = 0
      try await dispatching.waitUntil {
        // The watch has begun once it sees one.
        try await dispatching.dispatch("c\(number)")
        try await dispatching.waitUntil { try await dispatching.end(of: "c\(number)") != nil }
        number += 1
        return seen.value > 0
      }
    }
    #expect(seen.value > 0)
  }

  // MARK: Listing

  @Test func whatHasNotEndedIsListedInPages() async throws {
    let logic = ScriptedLogic { command, _, _ throws(LogicError) in
      if command.cover == cover(1) { throw .unavailable("away") }
      return book("e")
    }
    let dispatching = try await Dispatching(logic: logic)
    try await dispatching.dispatch("late", to: 3, notBefore: 2000)
    try await dispatching.dispatch("early", to: 3, notBefore: 1000)
    try await dispatching.dispatch("gone", to: 3, notBefore: 1500)
    try await dispatching.dispatch("ended", to: 2)
    for number in 0..<5 { try await dispatching.dispatch("stuck\(number)", to: 1) }
    func all(_ size: Int) async throws -> [String] {
      var ids: [String] = []
      var token: Bytes = []
      repeat {
        let page = try await dispatching.dispatcher.pending(after: token, limit: size)
        #expect(page.commands.count <= size)
        ids += page.commands.map { $0.dispatched.command.id ?? "" }
        token = page.next
      } while !token.isEmpty
      return ids
    }
    let stuck = (0..<5).map { "stuck\($0)" }
    // Nobody has read the log yet.
    #expect(try await all(100) == ["late", "early", "gone", "ended"] + stuck)
    try await dispatching.carrying {
      try await dispatching.waitUntil {
        try await dispatching.journal.store.checkpoint(of: "commands", partition: 0).number >= 4
      }
    }
    _ = try await dispatching.dispatcher.cancel(dispatching.reference("gone", of: 3))
    for size in [1, 2, 3, 100] {
      #expect(try await all(size) == stuck + ["early", "late"])
    }
    await #expect(throws: EventSourcingError(.invalid, "page_token is not one that List gave")) {
      try await dispatching.dispatcher.pending(after: [1, 2, 3], limit: 1)
    }
  }

  // MARK: What is refused at once

  @Test func idsOfStepsAreReserved() async throws {
    let dispatching = try await Dispatching(logic: appending)
    for id in ["$end:c1", "$\u{301}", String(repeating: "x", count: 251)] {
      await #expect(throws: EventSourcingError.self) { try await dispatching.dispatch(id) }
    }
    try await dispatching.dispatch(String(repeating: "x", count: 250))
    await #expect(throws: EventSourcingError.self) {
      try await dispatching.dispatch("c2", notBefore: 5, expiresAt: 5)
    }
    await #expect(throws: EventSourcingError.self) {
      _ = try await dispatching.dispatcher.standing(of: dispatching.reference("unknown"))
    }
  }

  @Test func whatIsTooLargeForACommitIsRefused() async throws {
    var limits = CommandLimits()
    limits.commitBytesMax = 2
    let dispatching = try await Dispatching(limits: limits, logic: appending)
    await #expect(throws: EventSourcingError.self) { try await dispatching.dispatch("c1") }
  }

  // MARK: Processes that die

  @Test func everyCommandEndsOnceThoughProcessesDie() async throws {
    let logic = ScriptedLogic { _, _, count throws(LogicError) in
      if count.isMultiple(of: 7) { throw .refused(Refusal()) }
      if count.isMultiple(of: 5) { throw .timedOut }
      return book("e")
    }
    let dispatching = try await Dispatching(logic: logic)
    for number in 0..<200 as Range<UInt8> {
      try await dispatching.dispatch("c\(number)", to: number % 10)
    }
    try await dispatching.clock.running {
      var life = 0
      try await dispatching.waitUntil {
        life += 1
        let owner: Name = "p\(life)"
        let process = dispatching.clock.task { await dispatching.carry(as: owner) }
        for _ in 0..<life * 50 { await Task.yield() }
        process.cancel()
        try await process.value
        for number in 0..<200 as Range<UInt8> {
          guard try await dispatching.end(of: "c\(number)", number % 10) != nil else {
            return false
          }
        }
        return true
      }
    }
    var appended = 0
    for number in 0..<200 as Range<UInt8> {
      let end = try await dispatching.end(of: "c\(number)", number % 10)
      if case .appended = end { appended += 1 }
    }
    var stored = 0
    for number in 0..<10 as Range<UInt8> { stored += try await dispatching.handled(number).count }
    #expect(stored == appended)
  }

  @Test func manyCommandsToOneAggregateAreCarriedOutInOrder() async throws {
    let dispatching = try await Dispatching(logic: ScriptedLogic { _, _, _ in book("e") })
    for number in 0..<20_000 { try await dispatching.dispatch("c\(number)") }
    try await dispatching.carryUntilEnded("c19999")
    #expect(try await dispatching.handled() == (0..<20_000).map { "c\($0)" })
  }
}
