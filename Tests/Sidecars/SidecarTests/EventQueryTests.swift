import EventModel
import OutriderTesting
import RPC
import Testing

@Suite(.timeLimit(.minutes(5))) struct EventQueryTests {
  private func harness(bookBytesMax: Int = 1 << 20) -> SidecarHarness {
    SidecarHarness(bookBytesMax: bookBytesMax) { _ in [] }
  }

  private func record(_ harness: SidecarHarness, _ root: Root, _ texts: String...) async throws {
    let pages = texts.flatMap { field(3, page($0)) }
    _ = try await harness.record(field(1, cover(root)) + pages)
  }

  private func query(_ root: Root, from lower: UInt64 = 0, upTo upper: UInt64 = 0) -> Bytes {
    field(1, "bank") + field(2, field(1, root.bytes)) + field(3, lower) + field(4, upper)
  }

  private func events(_ harness: SidecarHarness, _ query: Bytes) async throws -> [Bytes] {
    try await harness.read("evented.EventQuery", "GetEvents", query)
  }

  @Test func eventsAreReadBackWithinBothBounds() async throws {
    let harness = harness()
    try await record(harness, root(1), "a", "b", "c", "d")
    #expect(try await events(harness, query(root(1))).flatMap(texts) == ["a", "b", "c", "d"])
    #expect(try await events(harness, query(root(1), from: 2)).flatMap(texts) == ["c", "d"])
    #expect(try await events(harness, query(root(1), upTo: 2)).flatMap(texts) == ["a", "b"])
    #expect(try await events(harness, query(root(1), from: 1, upTo: 2)).flatMap(texts) == ["b"])
  }

  @Test func largeAnswersComeInSeveralBooks() async throws {
    let harness = harness(bookBytesMax: 100)
    for _ in 0..<5 { try await record(harness, root(1), "a", "b", "c") }
    let books = try await events(harness, query(root(1)))
    #expect(books.count > 2)
    #expect(books.flatMap(numbers) == Array(0..<15))
    #expect(books.allSatisfy { content(1, of: $0) == [cover(root(1))] })
  }

  @Test func anUnknownAggregateHasNoBookAndAnUnknownDomainIsNotFound() async throws {
    #expect(try await events(harness(), query(root(9))).isEmpty)
    let elsewhere = field(1, "shop") + field(2, field(1, root(1).bytes))
    let status = await #expect(throws: RPCStatus.self) { try await events(harness(), elsewhere) }
    #expect(status?.code == .notFound)
  }

  /// `Handle`, `Record`, `GetEvents`, `Synchronize` and `Log.Read` say the same of each commit.
  @Test func everyWayToReadSaysWhatLedToTheEvents() async throws {
    let harness = SidecarHarness { _ in eventBook(nil, page("a"), page("b")) }
    let cause = field(18, field(1, cover(root(7))) + field(2, 3) + field(3, "c0"))
    let header = field(19, field(1, "tenant") + field(2, "acme"))
    let given = field(16, "mine") + field(17, "business") + cause + header
    let answers = [
      try await harness.send(commandBook(root(1), "x") + given),
      try await harness.send(commandBook(root(1), "x")),
      try await harness.record(eventBook(cover(root(1)), page("c"), page("d"))),
    ].map { content(1, of: $0)[0] }
    #expect(content(16, of: answers[0]) == [Bytes("mine".utf8)])
    #expect(content(17, of: answers[0]) == [Bytes("business".utf8)])
    #expect(content(18, of: answers[0]).count == 1 && content(19, of: answers[0]).count == 1)
    for answer in answers[1...] {
      #expect(content(16, of: answer)[0].count == 36)
      #expect(content(17, of: answer) == content(16, of: answer))
    }
    // Those who read are told where each commit stands, too.
    let read = answers.enumerated().map { index, book in
      book + field(22, field(2, UInt64(index + 1)))
    }
    #expect(try await events(harness, query(root(1))) == read)
    let log = try await harness.read("outrider.v1.Log", "Read", field(1, "bank"))
    #expect(log.map { content(2, of: $0)[0] } == answers)

    let call = try await harness.queries.stream(
      Method(service: "evented.EventQuery", name: "Synchronize"))
    try await call.send(query(root(1)))
    var books: [Bytes] = []
    for try await book in call.responses {
      books.append(book)
      if books.count == 4 { break }
      if books.count == 3 { _ = try await harness.send(commandBook(root(1), "x") + field(16, "2")) }
    }
    call.cancel()
    #expect(Array(books.prefix(3)) == read)
    #expect(content(16, of: books[3]) == [Bytes("2".utf8)])
  }

  @Test func aSnapshotIsShownInTheLog() async throws {
    let harness = SidecarHarness { _ in
      eventBook(nil, page("a"), page("b")) + field(2, field(2, 1) + field(3, any("state")))
    }
    _ = try await harness.send(commandBook(root(1), "x"))
    try await record(harness, root(1), "c")
    let log = try await harness.read("outrider.v1.Log", "Read", field(1, "bank"))
    #expect(log.map { value(5, of: $0) } == [2, nil])
  }

  @Test func everyRootIsListed() async throws {
    let harness = harness()
    for number in 1...5 as ClosedRange<UInt8> { try await record(harness, root(number), "a") }
    let roots = try await harness.read("evented.EventQuery", "GetAggregateRoots", [])
    #expect(
      roots.map { content(1, of: content(2, of: $0)[0])[0] } == (1...5).map { root($0).bytes })
    #expect(roots.allSatisfy { content(1, of: $0) == [Bytes("bank".utf8)] })
  }

  @Test func synchronizeSendsWhatIsMissingAndThenWhatComes() async throws {
    let harness = harness()
    try await record(harness, root(1), "a", "b")
    let call = try await harness.queries.stream(
      Method(service: "evented.EventQuery", name: "Synchronize"))
    try await call.send(query(root(1), from: 1))
    var seen: [String] = []
    for try await book in call.responses {
      seen += texts(book).map { "\(content(1, of: content(1, of: book)[0])[0].last!)\($0)" }
      switch seen.last {
      // The root's last two bytes are the length and the number inside `UUID`.
      case "1b": try await record(harness, root(1), "c")
      case "1c":
        try await call.send(query(root(2)))
        try await record(harness, root(2), "x", "y")
      case "2y": try await record(harness, root(1), "d")
      default: break
      }
      if seen.last == "1d" { break }
    }
    call.cancel()
    #expect(seen == ["1b", "1c", "2x", "2y", "1d"])
  }

  @Test func theLogIsReadFromAPosition() async throws {
    let harness = harness()
    for text in ["a", "b", "c"] { try await record(harness, root(1), text) }
    let entries = try await harness.read(
      "outrider.v1.Log", "Read", field(1, "bank") + field(3, 1))
    #expect(entries.map { value(2, of: content(1, of: $0)[0]) } == [2, 3])
    #expect(entries.flatMap { texts(content(2, of: $0)[0]) } == ["b", "c"])
  }

  @Test func readingADomainThatDoesNotExistCreatesNothing() async throws {
    let harness = SidecarHarness(domains: nil) { _ in [] }
    let key = field(1, "shop") + field(2, field(1, root(1).bytes))
    #expect(try await events(harness, key).isEmpty)
    #expect(try await harness.read("outrider.v1.Log", "Read", field(1, "shop")).isEmpty)
    let heads = try await harness.read("outrider.v1.Log", "Head", field(1, "shop"))
    #expect(heads.count == 1)
    let projections = try await harness.queries.unary(
      Method(service: "outrider.v1.Projections", name: "List"), field(1, "p") + field(2, "shop"))
    #expect(projections.isEmpty)
    let parked = try await harness.projectors.unary(
      Method(service: "outrider.v1.Parked", name: "List"), field(2, "shop"))
    #expect(parked.isEmpty)
    for (method, request) in [
      (Method(service: "outrider.v1.Log", name: "Read"), field(1, "shop") + field(4, 1)),
      (Method(service: "outrider.v1.Projections", name: "Watch"), field(1, "p") + field(2, "shop")),
      (Method(service: "evented.EventQuery", name: "Synchronize"), key),
    ] {
      let call = try await harness.queries.stream(method)
      try await call.send(request)
      call.cancel()
    }
    let status = await #expect(throws: RPCStatus.self) {
      try await harness.queries.unary(
        Method(service: "outrider.v1.Projections", name: "Get"),
        field(1, "p") + field(2, "shop") + field(3, field(1, root(1).bytes)))
    }
    #expect(status?.code == .notFound)
    #expect(try await harness.storage.domains().isEmpty)
  }

  @Test(.timeLimit(.minutes(5))) func followerOfANewDomainGetsItsFirstEvent() async throws {
    let harness = SidecarHarness(domains: nil) { _ in [] }
    let call = try await harness.queries.serverStreaming(
      Method(service: "outrider.v1.Log", name: "Read"), field(1, "bank") + field(4, 1))
    try await record(harness, root(1), "a")
    for try await entry in call.responses {
      #expect(texts(content(2, of: entry)[0]) == ["a"])
      break
    }
  }

  @Test func commandThatTheLogicRefusesCreatesNoDomain() async throws {
    let harness = SidecarHarness(domains: nil) { _ in throw RPCStatus(.notFound, "no such thing") }
    for number in 0..<1000 {
      let command = field(1, cover(root(1), "invented-\(number)")) + field(2, field(3, any("x")))
      await #expect(throws: RPCStatus(.notFound, "no such thing")) {
        try await harness.send(command)
      }
    }
    #expect(try await harness.storage.domains().isEmpty)
  }
}
