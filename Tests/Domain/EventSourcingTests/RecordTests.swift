import EventModel
import EventSourcing
import Testing

@Suite(.timeLimit(.minutes(5))) struct RecordTests {
  private func handler(_ store: any EventStore) -> CommandHandler {
    CommandHandler(
      store: store, logic: ScriptedLogic { _, _, _ in book() }, environment: .impatient)
  }

  private func facts(from first: UInt32, _ texts: String...) -> ProposedBook {
    ProposedBook(
      cover: cover(1),
      pages: texts.enumerated().map { index, text in
        ProposedPage(number: .exactly(SequenceNumber(first + UInt32(index))), body: event(text))
      })
  }

  @Test func unnumberedFactsGoWhereTheStreamEnds() async throws {
    let store = try await memoryStore()
    for _ in 0..<3 {
      // A new handler each time: nothing is cached, and the first guess is wrong.
      _ = try await handler(store).record(book("a", "b"), on: cover(1), deadline: soon)
    }
    #expect(try await store.next(of: root(1)) == 6)
  }

  @Test func numberedFactsMustContinueTheStream() async throws {
    let store = try await memoryStore()
    _ = try await handler(store).record(facts(from: 0, "a", "b"), on: cover(1), deadline: soon)
    for wrong in [0, 1, 3] as [UInt32] {
      let error = await #expect(throws: EventSourcingError.self) {
        try await handler(store).record(facts(from: wrong, "x"), on: cover(1), deadline: soon)
      }
      #expect(error?.code == .precondition)
    }
    _ = try await handler(store).record(facts(from: 2, "c"), on: cover(1), deadline: soon)
    #expect(try await texts(store.load(root(1)).pages) == ["a", "b", "c"])
  }

  @Test func staleStateInTheCacheDoesNotRefuseWhatIsRight() async throws {
    let store = try await memoryStore()
    let commands = CommandHandler(
      store: store, logic: ScriptedLogic { _, _, _ in book("a") }, environment: .impatient)
    _ = try await commands.handle(command(), deadline: soon)
    _ = try await store.append(commit(at: 1, "other"))
    _ = try await commands.record(facts(from: 2, "b"), on: cover(1), deadline: soon)
    _ = try await commands.handle(command(), deadline: soon)
    #expect(try await texts(store.load(root(1)).pages) == ["a", "other", "b", "a"])
  }

  @Test func numbersOutOfOrderAreTheCallersMistake() async throws {
    let store = try await memoryStore()
    var facts = facts(from: 0, "a", "b")
    facts.pages[1].number = .exactly(5)
    let error = await #expect(throws: EventSourcingError.self) {
      try await handler(store).record(facts, on: cover(1), deadline: soon)
    }
    #expect(error?.code == .invalid)
    #expect(error?.message.contains("pages[1].num is 5") == true)
  }

  @Test func aKnownCommandIdRecordsOnce() async throws {
    let store = try await memoryStore()
    var facts = book("a")
    facts.commandID = "x"
    let first = try await handler(store).record(facts, on: cover(1), deadline: soon)
    let again = try await handler(store).record(facts, on: cover(1), deadline: soon)
    #expect(again.alreadyHandled && again.recorded == first.recorded)
    #expect(try await store.next(of: root(1)) == 1)
  }

  @Test func theTimeThatTheCallerGaveStays() async throws {
    let store = try await memoryStore()
    let time = Timestamp(seconds: 12, nanoseconds: 34)
    let facts = ProposedBook(cover: nil, pages: [ProposedPage(createdAt: time, body: event())])
    _ = try await handler(store).record(facts, on: cover(1), deadline: soon)
    #expect(try await store.load(root(1)).pages.pages[0].createdAt == time)
  }
}
