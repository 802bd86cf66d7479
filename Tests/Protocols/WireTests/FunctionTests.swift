import EventModel
import Testing
import Wire

/// The messages of functions, both ways, against bytes that another implementation wrote.
@Suite struct FunctionTests {
  private let state = OutriderV1.AggregateState(
    root: Samples.payload("Account").wireBytes,
    members: [
      "card:2": Samples.payload("Card").wireBytes, "card:1": Samples.payload("Card").wireBytes,
    ])
  /// Field 16 of a page.
  private let card: Bytes = [0x82, 0x01, 6] + Bytes("card:1".utf8)

  private func expect<Value: WireDecodable & WireEncodable & Equatable>(
    _ bytes: Bytes, _ value: Value, at place: SourceLocation = #_sourceLocation
  ) throws {
    #expect(try Value(wireBytes: bytes) == value, sourceLocation: place)
    #expect(value.wireBytes == bytes, sourceLocation: place)
  }

  @Test func states() throws {
    try expect(FunctionGolden.state, state)
    try expect(FunctionGolden.applyResponse, OutriderV1.ApplyResponse(state: state))
  }

  @Test func questions() throws {
    let book = Evented.CommandBook(
      cover: Samples.cover, pages: [Evented.CommandPage(Samples.payload("Open"), entity: "card:1")])
    try expect(
      FunctionGolden.handleRequest,
      OutriderV1.HandleRequest(
        try Command(wireBytes: book.wireBytes), state: state.wireBytes, next: 7))
    #expect(try Evented.CommandBook(wireBytes: book.wireBytes) == book)
  }

  @Test func whatAPageSaysOfItsEntityStaysWithIt() throws {
    let body = Samples.payload("Opened").pageBody
    try expect(
      FunctionGolden.handleResponse,
      OutriderV1.HandleResponse(
        pages: [ProposedPage(body: body + card), ProposedPage(body: body)]))
    var pages = Samples.pages(0..<1)
    pages.append(EventPage(sequence: 1, createdAt: Samples.time, body: body + card))
    #expect(pages.pages.map(\.entity) == [nil, "card:1"])
    try expect(
      FunctionGolden.applyRequest,
      OutriderV1.ApplyRequest(
        EventBook(cover: Samples.cover, pages: pages), state: state.wireBytes))
  }

  @Test func aSnapshotHoldsTheStateAndNothingElseDoes() {
    #expect(
      OutriderV1.AggregateState.wireBytes(inSnapshot: state.snapshot) == FunctionGolden.state)
    let empty = OutriderV1.AggregateState()
    #expect(OutriderV1.AggregateState.wireBytes(inSnapshot: empty.snapshot) == [])
    for other in [Samples.payload("Account").wireBytes, [], [0xFF], [0x0A, 0x7F]] {
      #expect(OutriderV1.AggregateState.wireBytes(inSnapshot: other) == nil)
    }
  }

  @Test func anAnswerWithoutStateIsNone() {
    #expect(throws: WireError.self) { try OutriderV1.ApplyResponse(wireBytes: []) }
    #expect(throws: WireError.self) { try OutriderV1.HandleRequest(wireBytes: []) }
    #expect(throws: WireError.self) { try OutriderV1.ApplyRequest(wireBytes: []) }
  }

  @Test(arguments: [
    (":1", "must be type:id, got :1"), ("card:", "must be type:id, got card:"),
    ("card", "must be type:id, got card"),
    (
      "card:" + String(repeating: "1", count: 251), "must be at most 255 bytes of UTF-8, got 256"
    ),
  ])
  func entitiesAreNamedByTypeAndId(_ name: String, _ problem: String) throws {
    let book = Evented.CommandBook(
      cover: Samples.cover,
      pages: [
        Evented.CommandPage(Samples.payload("Open")),
        Evented.CommandPage(Samples.payload("Open"), entity: Name(name)),
      ])
    let error = #expect(throws: WireError.self) { try Command(wireBytes: book.wireBytes) }
    #expect(error?.description == "pages[1].entity \(problem)")
    let state = OutriderV1.AggregateState(members: [Name(name): []])
    #expect(throws: WireError.self) { try OutriderV1.AggregateState(wireBytes: state.wireBytes) }
  }
}
