import EventModel
import EventSourcing
import Testing

@Suite(.timeLimit(.minutes(5))) struct ProjectorTests {
  private let store: any DomainStore

  init() async throws { store = try await memoryStore() }

  private func projector(_ logic: any ProjectorLogic = ConcatenatingProjector()) -> Projector {
    Projector(name: "p", store: store, logic: logic, environment: .impatient)
  }

  private func stored(_ commits: Commit...) async throws -> [EventBook] {
    for commit in commits { _ = try await store.append(commit) }
    return commits.map(EventBook.init)
  }

  @Test func theLogicGetsItsOwnProjectionBackWithTheNextEvents() async throws {
    let books = try await stored(commit(at: 0, "a", "b"), commit(at: 2, "c"))
    let projector = projector()
    _ = try await projector.handle(books[0], deadline: soon)
    let projection = try await projector.handle(books[1], deadline: soon)
    #expect(
      projection
        == Projection(projector: "p", cover: cover(1), sequence: 2, value: Bytes("abc".utf8)))
  }

  @Test func aBookThatComesAgainIsDropped() async throws {
    let books = try await stored(commit(at: 0, "a"))
    let logic = ConcatenatingProjector()
    let first = try await projector(logic).handle(books[0], deadline: soon)
    let again = try await projector(logic).handle(books[0], deadline: soon)
    #expect(first == again)
    #expect(logic.timesCalled == 1)
  }

  @Test func whatIsRememberedIsLookedUpAgainOnceItsSubscriptionBegins() async throws {
    let books = try await stored(
      commit(at: 0, "a"), commit(at: 1, "b"), commit(at: 2, "c"), commit(at: 3, "d"))
    let logic = ConcatenatingProjector()
    let remembering = Projector(
      name: "p", joinsCommits: false, remembersProgress: true, store: store, logic: logic,
      environment: .impatient)
    _ = try await remembering.handle(books[0], deadline: soon)
    // Another process goes on.
    _ = try await projector().handle(books[2], deadline: soon)
    remembering.begin()
    _ = try await remembering.handle(books[2], deadline: soon)
    #expect(logic.handled.map(\.1) == [0])
    // Where it was not told, it finds out when it stores how far it has come.
    _ = try await projector().handle(books[3], deadline: soon)
    _ = try await remembering.handle(books[3], deadline: soon)
    #expect(try await remembering.next(of: root(1)) == 4)
  }

  @Test(arguments: [true, false])
  func whatIsSkippedIsNotHandedOverHoweverMuchIsRemembered(here: Bool) async throws {
    let books = try await stored(commit(at: 0, "a"), commit(at: 1, "b"), commit(at: 2, "c"))
    let logic = ConcatenatingProjector()
    let remembering = Projector(
      name: "p", joinsCommits: false, remembersProgress: true, store: store, logic: logic,
      environment: .impatient)
    _ = try await remembering.handle(books[0], deadline: soon)
    try await (here ? remembering : projector()).skip(root(1), upTo: 2)
    _ = try await remembering.handle(books[2], deadline: soon)
    #expect(logic.handled.map(\.1) == [0, 2])
  }

  @Test func theFirstEventIsNotTakenForHandledOrForNothing() async throws {
    let books = try await stored(commit(at: 0, "a"), commit(at: 1, "b"))
    let logic = ConcatenatingProjector()
    _ = try await projector(logic).handle(books[0], deadline: soon)
    #expect(try await projector().next(of: root(1)) == 1)
    _ = try await projector(logic).handle(books[1], deadline: soon)
    #expect(logic.handled.map(\.1) == [0, 1])
  }

  @Test func aGapIsFilledFromTheStoreAndEndsThere() async throws {
    let books = try await stored(
      commit(at: 0, "a"), commit(at: 1, "b", "c"), commit(at: 3, "d"), commit(at: 4, "e"))
    let logic = ConcatenatingProjector()
    let projector = projector(logic)
    _ = try await projector.handle(books[0], deadline: soon)
    let projection = try await projector.handle(books[3], deadline: soon)
    #expect(projection?.value == Bytes("abcde".utf8))
    #expect(logic.handled.reduce(0) { $0 + ($1.2 - $1.1) } == 5)
  }

  @Test func aBookThatOverlapsIsCutToWhatIsNew() async throws {
    _ = try await stored(commit(at: 0, "a", "b"), commit(at: 2, "c"))
    let projector = projector()
    let all = try await store.load(root(1)).pages
    _ = try await projector.handle(
      EventBook(cover: cover(1), pages: all.slice(from: 0, upTo: 1)), deadline: soon)
    let projection = try await projector.handle(
      EventBook(cover: cover(1), pages: all), deadline: soon)
    #expect(projection?.value == Bytes("abc".utf8))
  }

  @Test func eventsThatAreNotStoredAreNotWaitedForWithoutEnd() async throws {
    let projector = projector()
    let book = EventBook(commit(at: 5, "f"))
    let error = await #expect(throws: LogicError.self) {
      try await projector.handle(book, deadline: soon)
    }
    guard case .unavailable = error else {
      Issue.record("a gap that cannot be filled is a temporary failure")
      return
    }
  }

  @Test func aBookWithoutPagesChangesNothing() async throws {
    let logic = ConcatenatingProjector()
    let empty = EventBook(cover: cover(1), pages: PageBlock(emptyAt: 0))
    #expect(try await projector(logic).handle(empty, deadline: soon) == nil)
    #expect(logic.timesCalled == 0)
  }

  @Test func progressIsNotMarkedWhereTheLogicFailed() async throws {
    let books = try await stored(commit(at: 0, "a"))
    let failing = projector(ConcatenatingProjector { _, _ in .refused(Refusal()) })
    await #expect(throws: LogicError.self) { try await failing.handle(books[0], deadline: soon) }
    #expect(try await projector().next(of: root(1)) == 0)
    #expect(try await projector().handle(books[0], deadline: soon)?.value == Bytes("a".utf8))
  }

  @Test func twoProcessesTogetherHandleEachEventOnce() async throws {
    let books = try await stored(commit(at: 0, "a"), commit(at: 1, "b"), commit(at: 2, "c"))
    let one = projector()
    let two = projector()
    try await withThrowingTaskGroup { group in
      for book in books + books.reversed() {
        group.addTask { _ = try await one.handle(book, deadline: soon) }
        group.addTask { _ = try await two.handle(book, deadline: soon) }
      }
      try await group.waitForAll()
    }
    #expect(try await store.record(of: "p", root: root(1))?.value == Bytes("abc".utf8))
  }

  @Test func logicThatKeepsItsOwnReadModelHasItsProgressRecorded() async throws {
    struct Own: ProjectorLogic {
      func project(
        _ book: EventBook, previous: Projection?, deadline: ContinuousClock.Instant
      ) async throws(LogicError) -> Bytes? { nil }
    }
    let books = try await stored(commit(at: 0, "a"))
    #expect(try await projector(Own()).handle(books[0], deadline: soon) == nil)
    #expect(try await projector(Own()).next(of: root(1)) == 1)
  }
}
