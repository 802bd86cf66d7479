import EventModel
import EventSourcing
import Testing

@Suite(.timeLimit(.minutes(5))) struct SynchronousProcessingTests {
  private func handle(
    processors: [any SynchronousProcessor], synchronous: Bool = true,
    deadline: ContinuousClock.Instant = soon
  ) async throws -> CommandResult {
    try await CommandHandler(
      store: try await memoryStore(),
      logic: ScriptedLogic { _, _, _ in book("a", synchronous: synchronous) },
      processors: processors
    ).handle(command(), deadline: deadline)
  }

  @Test func synchronousPagesBringTheProjectionWithTheAnswer() async throws {
    let store = try await memoryStore()
    let projector = Projector(name: "p", store: store, logic: ConcatenatingProjector())
    let commands = CommandHandler(
      store: store, logic: ScriptedLogic { _, _, _ in book("a", synchronous: true) },
      processors: [projector])
    _ = try await commands.handle(command(), deadline: soon)
    let result = try await commands.handle(command(), deadline: soon)
    #expect(
      result.projections == [
        Projection(projector: "p", cover: cover(1), sequence: 1, value: Bytes("aa".utf8))
      ])
  }

  @Test func pagesThatDoNotAskForItAreNotProcessed() async throws {
    let projector = Projector(
      name: "p", store: try await memoryStore(), logic: ConcatenatingProjector())
    #expect(try await handle(processors: [projector], synchronous: false).projections.isEmpty)
  }

  @Test func aSynchronousCommandMakesAllItsEventsSynchronous() async throws {
    let store = try await memoryStore()
    let projector = Projector(name: "p", store: store, logic: ConcatenatingProjector())
    let commands = CommandHandler(
      store: store, logic: ScriptedLogic { _, _, _ in book("a", "b") }, processors: [projector])
    let result = try await commands.handle(command(synchronous: true), deadline: soon)
    #expect(result.projections.map(\.value) == [Bytes("ab".utf8)])
    #expect(try await store.load(root(1)).pages.pages.map(\.synchronous) == [true, true])
  }

  @Test func oneSynchronousPageMakesItsCommitSynchronous() async throws {
    let store = try await memoryStore()
    let pages = [ProposedPage(body: event("a")), ProposedPage(synchronous: true, body: event("b"))]
    let facts = ProposedBook(cover: nil, pages: pages)
    let commands = CommandHandler(store: store, logic: ScriptedLogic { _, _, _ in facts })
    _ = try await commands.handle(command(), deadline: soon)
    _ = try await commands.record(facts, on: cover(1), deadline: soon)
    #expect(try await store.load(root(1)).pages.pages.allSatisfy(\.synchronous))
  }

  @Test func aRepeatedSynchronousCommandBringsItsProjectionAgain() async throws {
    let store = try await memoryStore()
    let projector = Projector(name: "p", store: store, logic: ConcatenatingProjector())
    let commands = CommandHandler(
      store: store, logic: ScriptedLogic { _, _, _ in book("a") }, processors: [projector])
    let first = try await commands.handle(command(id: "x", synchronous: true), deadline: soon)
    let again = try await commands.handle(command(id: "x", synchronous: true), deadline: soon)
    #expect(again.alreadyHandled && again.projections == first.projections)
  }

  @Test func synchronousPagesWithoutAnySynchronousProcessorDoNotBlockTheCommand() async throws {
    let result = try await handle(processors: [])
    #expect(result.recorded != nil && result.failures.isEmpty)
  }

  @Test func aFailingProcessorIsReportedAndTheCommandSucceeds() async throws {
    struct Failing: SynchronousProcessor {
      let name: Name = "broken"
      func process(
        _ book: EventBook, deadline: ContinuousClock.Instant
      ) async throws(ProcessorFailure) -> ProcessorOutcome {
        throw ProcessorFailure(
          processor: name, cover: book.cover, statusCode: .failedPrecondition, message: "no")
      }
    }
    let result = try await handle(processors: [Failing()])
    #expect(result.recorded != nil)
    #expect(result.failures.map(\.processor) == ["broken"])
  }

  @Test func aProcessorThatHangsLeavesTimeToAnswer() async throws {
    struct Hanging: SynchronousProcessor {
      let name: Name = "hanging"
      func process(
        _ book: EventBook, deadline: ContinuousClock.Instant
      ) async throws(ProcessorFailure) -> ProcessorOutcome {
        let (forever, _) = AsyncStream<Void>.makeStream()
        for await _ in forever {}
        return ProcessorOutcome()
      }
    }
    let result = try await handle(
      processors: [Hanging()], deadline: .now + .milliseconds(50))
    #expect(result.recorded != nil)
    #expect(result.failures.map(\.statusCode) == [.deadlineExceeded])
  }
}
