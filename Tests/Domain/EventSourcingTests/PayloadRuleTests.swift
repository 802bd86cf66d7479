import EventModel
import EventSourcing
import Testing

/// What a rule refuses is not stored, whoever it came from.
@Suite(.timeLimit(.minutes(5))) struct PayloadRuleTests {
  /// Refuses commands, or the event `bad`.
  private struct Rule: PayloadRule {
    var refusesCommands = false

    func flaw(of command: Command) async -> String? {
      refusesCommands ? "pages[0].command: no" : nil
    }
    func flaw(ofEvent body: Bytes) async -> String? { body == event("bad") ? "x: no" : nil }
  }

  private func handler(
    _ store: any EventStore, _ rule: Rule, answering texts: String...
  ) -> CommandHandler {
    CommandHandler(
      store: store,
      logic: ScriptedLogic { _, _, _ in
        ProposedBook(cover: cover(1), pages: texts.map { ProposedPage(body: event($0)) })
      }, payloads: rule, environment: .impatient)
  }

  @Test func aCommandIsRefusedBeforeTheLogicIsAsked() async throws {
    let store = try await memoryStore()
    let error = await #expect(throws: EventSourcingError.self) {
      try await handler(store, Rule(refusesCommands: true), answering: "a")
        .handle(command(), deadline: soon)
    }
    #expect(error == EventSourcingError(.invalid, "pages[0].command: no"))
    #expect(try await store.next(of: root(1)) == .first)
  }

  @Test func anEventOfTheLogicIsItsDefect() async throws {
    let store = try await memoryStore()
    let error = await #expect(throws: EventSourcingError.self) {
      try await handler(store, Rule(), answering: "good", "bad").handle(command(), deadline: soon)
    }
    #expect(error?.code == .logicDefect)
    #expect(error?.message.contains("pages[1].event: x: no") == true)
    #expect(try await store.next(of: root(1)) == .first)
  }

  @Test func aRecordedFactIsTheClientsMistake() async throws {
    let store = try await memoryStore()
    let commands = handler(store, Rule(), answering: "a")
    let error = await #expect(throws: EventSourcingError.self) {
      try await commands.record(book("good", "bad"), on: cover(1), deadline: soon)
    }
    #expect(error == EventSourcingError(.invalid, "pages[1].event: x: no"))
    _ = try await commands.record(book("good"), on: cover(1), deadline: soon)
    #expect(try await store.next(of: root(1)) == 1)
  }
}
