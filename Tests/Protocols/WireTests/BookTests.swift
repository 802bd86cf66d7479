import EventModel
import Testing
import Wire

/// What a book must carry through unchanged.
@Suite struct BookTests {
  /// What `EventModel` writes without protobuf-c is what protobuf-c would write.
  @Test(arguments: [0, 1, 127, 128, 300, 16_383, 16_384, UInt32.max - 1])
  func aPageIsWrittenAsProtobufWould(number: UInt32) throws {
    let sequence = SequenceNumber(number)
    var block = PageBlock(emptyAt: sequence)
    block.append(
      EventPage(
        sequence: sequence, createdAt: Samples.time, body: Samples.payload("Opened").pageBody))
    let proposed = ProposedBook(
      cover: Samples.cover,
      pages: [
        ProposedPage(
          number: .exactly(sequence), createdAt: Samples.time,
          body: Samples.payload("Opened").pageBody)
      ])
    #expect(EventBook(cover: Samples.cover, pages: block).wireBytes == proposed.wireBytes)
    if number == 300 {
      #expect(block.bytes == [0x1A, UInt8(Golden.eventPage.count)] + Golden.eventPage)
    }
  }

  @Test(arguments: [
    Timestamp(seconds: 0), Timestamp(seconds: -1, nanoseconds: 999_999_999),
    Timestamp(seconds: 253_402_300_799), Timestamp(seconds: -62_135_596_800),
  ])
  func timesComeThrough(time: Timestamp) throws {
    var block = PageBlock(emptyAt: 0)
    block.append(
      EventPage(sequence: 0, createdAt: time, body: Samples.payload("Opened").pageBody))
    let book = try EventBook(wireBytes: EventBook(cover: Samples.cover, pages: block).wireBytes)
    #expect(book.pages.pages[0].createdAt == time)
  }

  /// Field 4 with an `Any` that has a field of its own unknown to us, and page fields 100 and 6.
  @Test func whatIsUnknownInAPageSurvives() throws {
    let any = Samples.payload("Opened").wireBytes + [0xA2, 0x06, 0x01, 0xFF]
    let body = [0x22, UInt8(any.count)] + any + [0x30, 0x2A, 0xA2, 0x06, 0x02, 0x01, 0x02]
    let page = ProposedPage(number: .next, synchronous: true, body: body)
    let book = ProposedBook(cover: Samples.cover, pages: [page])
    #expect(try ProposedBook(wireBytes: book.wireBytes).pages == [page])

    var block = PageBlock(emptyAt: 9)
    block.append(EventPage(sequence: 9, createdAt: Samples.time, body: body))
    let stored = EventBook(cover: Samples.cover, pages: block)
    #expect(try EventBook(wireBytes: stored.wireBytes).pages.pages[0].body == body)
  }

  /// Numbers and flags are Outrider's to set: what a sender wrote into them never stays in the
  /// body.
  @Test func aBodyHoldsNoNumber() throws {
    let body = Samples.payload("Opened").pageBody
    // force, then num 7, then force again: the last one counts.
    let page = [0x10, 0x01] + body + [0x08, 0x07, 0x10, 0x01, 0x28, 0x01]
    let bytes = [0x1A, UInt8(page.count)] + page
    let read = try ProposedBook(wireBytes: bytes).pages
    #expect(read == [ProposedPage(number: .next, synchronous: true, body: body)])
  }

  @Test func annotationsPassFromCommandToEvents() throws {
    let command = try Command(wireBytes: Golden.commandBook)
    let book = EventBook(
      cover: command.cover, pages: Samples.pages(0..<3), commandID: command.id,
      origin: command.origin)
    #expect(book.wireBytes == Golden.eventBook)
    let annotations = try Evented.Annotations(book.origin)
    #expect(annotations.cause?.sequence == 7)
    #expect(book.origin.causingEvent?.sequence == 7)
    #expect(book.origin.causingEvent?.cover == annotations.cause?.cover)
    #expect(annotations.headers == ["tenant": "acme", "user": "zoë"])
  }

  @Test func noPageIsLostOnTheWayInParts() throws {
    let all = Samples.pages(0..<100)
    for size in [1, 57, 58, 59, 114, 1000, all.bytes.count - 1, all.bytes.count] {
      var next = SequenceNumber.first
      for part in all.split(bySize: size) {
        let book = EventBook(cover: Samples.cover, pages: part)
        let read = try EventBook(wireBytes: book.wireBytes)
        #expect(read == book)
        #expect(read.pages.first == next)
        next = read.pages.next
      }
      #expect(next == 100)
    }
  }

  @Test func largeSnapshotsAndPayloadsComeThrough() throws {
    let large = Payload(typeURL: "a/b", value: Bytes(repeating: 7, count: 3 << 20))
    var aggregate = Aggregate(
      cover: Samples.cover, snapshot: Snapshot(sequence: 200, state: large.wireBytes),
      pages: PageBlock(emptyAt: 201))
    let command = try Command(
      wireBytes: Evented.CommandBook(
        cover: Samples.cover, pages: [Evented.CommandPage(large)]
      ).wireBytes)
    let read = try Evented.ContextualCommand(
      wireBytes: Evented.ContextualCommand(command, on: aggregate).wireBytes)
    #expect(read.aggregate == aggregate)
    #expect(read.command.encoded == command.encoded)
    aggregate = read.aggregate
    #expect(aggregate.next == 201)
  }

  @Test func booksWithoutPagesAreLeftOutOfAResponse() throws {
    let empty = EventBook(cover: Samples.cover, pages: PageBlock(emptyAt: 0))
    let response = Evented.SynchronousProcessingResponse(books: [empty, Samples.eventBook])
    let read = try Evented.SynchronousProcessingResponse(wireBytes: response.wireBytes)
    #expect(read.books == [Samples.eventBook])
  }
}
