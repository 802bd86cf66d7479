import EventModel
import EventSourcing
import Testing

@Suite(.timeLimit(.minutes(5))) struct EventReaderTests {
  private let store: any DomainStore

  init() async throws {
    store = try await memoryStore()
    var next: SequenceNumber = 0
    for count in [1, 3, 2, 1, 4] {
      var commit = commit(at: next, "x")
      var pages = PageBlock(emptyAt: next)
      for _ in 0..<count {
        pages.append(
          EventPage(
            sequence: pages.next, createdAt: Timestamp(seconds: 1), body: event("\(pages.next)")))
      }
      commit.pages = pages
      _ = try await store.append(commit)
      next = pages.next
    }
  }

  private func read(
    from lower: SequenceNumber = .first, upTo upper: SequenceNumber? = nil, chunk: Int = 1 << 20
  ) async throws -> [EventBook] {
    var books: [EventBook] = []
    try await EventReader(store: store, bookBytesMax: chunk).events(
      of: root(1), from: lower, upTo: upper
    ) { books.append($0) }
    return books
  }

  @Test(arguments: [1, 15, 16, 30, 31, 45, 60, 1000])
  func noPageIsLostAtAChunkBorder(chunk: Int) async throws {
    let books = try await read(chunk: chunk)
    #expect(books.flatMap { $0.pages.pages.map(\.sequence.rawValue) } == Array(0..<11))
    #expect(books.allSatisfy { $0.pages.count == 1 || $0.pages.bytes.count <= chunk })
  }

  @Test func bothBoundsHoldAloneAndTogether() async throws {
    func numbers(_ books: [EventBook]) -> [UInt32] {
      books.flatMap { $0.pages.pages.map(\.sequence.rawValue) }
    }
    #expect(try await numbers(read(from: 5)) == Array(5..<11))
    #expect(try await numbers(read(upTo: 5)) == Array(0..<5))
    #expect(try await numbers(read(upTo: 1)) == [0])
    for lower in 0...11 as ClosedRange<UInt32> {
      for upper in 0...12 as ClosedRange<UInt32> {
        let books = try await read(
          from: SequenceNumber(lower), upTo: SequenceNumber(upper), chunk: 40)
        #expect(numbers(books) == (lower < min(upper, 11) ? Array(lower..<min(upper, 11)) : []))
      }
    }
  }

  @Test func eachBookSaysWhatItsCommitSays() async throws {
    var given = commit(at: 11, "x", "y", commandID: "mine")
    given.origin = Origin(correlation: "business", annotations: [0x9A, 0x01, 0x00])
    _ = try await store.append(given)
    let commits = try await store.log(after: Position(number: 0), limit: ReadLimit())
    let books = try await read()
    #expect(books.map(\.pages) == commits.map(\.commit.pages))
    #expect(books.last?.commandID == "mine" && books.last?.origin == given.origin)
    for (book, recorded) in zip(books, commits).dropLast() {
      #expect(book.commandID == recorded.commit.id.description)
      #expect(book.origin.correlation == book.commandID)
    }
    let parts = try await read(from: 12, chunk: 1)
    #expect(parts.map(\.commandID) == ["mine"] && parts[0].pages.first == 12)
  }

  @Test func anAggregateThatDoesNotExistHasNoEvents() async throws {
    var count = 0
    let next = try await EventReader(store: store).events(of: root(9)) { _ in count += 1 }
    #expect(count == 0 && next == 0)
  }

  @Test func theLogIsReadInOrderUpToTheLimit() async throws {
    var positions: [UInt64] = []
    try await EventReader(store: store).log(after: Position(number: 1), follow: false, limit: 3) {
      positions.append($0.position.number)
    }
    #expect(positions == [2, 3, 4])
  }

  @Test func aFollowerGetsWhatIsAppendedLater() async throws {
    let (positions, signal) = AsyncStream<UInt64>.makeStream()
    let store = store
    let follower = Task {
      try await EventReader(store: store).log(after: Position(number: 0), follow: true) {
        signal.yield($0.position.number)
      }
    }
    var seen: [UInt64] = []
    for await position in positions {
      seen.append(position)
      if position == 5 { _ = try await store.append(commit(2, at: 0, "new")) }
      if position == 6 { break }
    }
    follower.cancel()
    #expect(seen == [1, 2, 3, 4, 5, 6])
  }

  @Test func everyRootIsListedOnce() async throws {
    for number in 2...40 as ClosedRange<UInt8> {
      _ = try await store.append(commit(number, at: 0, "a"))
    }
    var roots: [Root] = []
    try await EventReader(store: store).roots { roots.append($0) }
    #expect(roots == (1...40 as ClosedRange<UInt8>).map(root))
  }
}
