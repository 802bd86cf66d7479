import EventModel
import Testing
import Wire

/// What goes in badly is refused with the field's name.
@Suite struct ValidationTests {
  private func message<Value: WireDecodable>(_ type: Value.Type, _ bytes: Bytes) -> String {
    do {
      _ = try Value(wireBytes: bytes)
      return "accepted"
    } catch { return error.description }
  }

  /// A length-delimited field with a number below 16 and a short content.
  private func field(_ number: UInt8, _ content: Bytes) -> Bytes {
    [number << 3 | 2, UInt8(content.count)] + content
  }

  private var root: Bytes { field(1, field(1, Samples.cover.root.bytes)) }
  private var cover: Bytes { field(1, root + field(2, Bytes("bank".utf8))) }
  private var command: Bytes { field(2, field(3, [])) }
  private var event: Bytes { field(4, []) }

  @Test func covers() {
    let bank = field(2, Bytes("bank".utf8))
    #expect(message(Command.self, command) == "cover is missing")
    #expect(message(Command.self, field(1, bank) + command) == "cover.root is missing")
    #expect(message(Command.self, field(1, root) + command) == "cover.domain is missing")
    #expect(
      message(Command.self, field(1, field(1, field(1, [1, 2, 3, 4, 5])) + bank) + command)
        == "cover.root.value must be 16 bytes, got 5")
    #expect(
      message(Command.self, field(1, field(1, []) + bank) + command)
        == "cover.root.value must be 16 bytes, got 0")
    #expect(message(Command.self, cover + cover + command) == "cover is given twice")
  }

  @Test func commandBooks() {
    #expect(message(Command.self, cover + command) == "accepted")
    #expect(message(Command.self, cover) == "pages is empty: nothing to do")
    #expect(
      message(Command.self, cover + command + field(2, [0x10, 1])) == "pages[1].command is missing")
    #expect(message(Evented.CommandBook.self, cover) == "pages is empty: nothing to do")
    var book = Samples.commandBook
    book.commandID = String(repeating: "x", count: 256)
    #expect(
      message(Command.self, book.wireBytes) == "command_id must be at most 255 bytes, got 256")
    book = Samples.commandBook
    book.origin.correlation = String(repeating: "x", count: 256)
    #expect(
      message(Command.self, book.wireBytes) == "correlation must be at most 255 bytes, got 256")
    book.origin = Origin(
      Evented.Annotations(headers: ["a": String(repeating: "x", count: 20_000)]))
    #expect(
      message(Command.self, book.wireBytes).hasPrefix(
        "headers and cause together must be at most 16384 bytes, got 200"))
    book = Samples.commandBook
    book.cover = Cover(domain: Name(String(repeating: "x", count: 256)), root: book.cover.root)
    #expect(
      message(Command.self, book.wireBytes) == "cover.domain must be at most 255 bytes, got 256")
  }

  @Test func eventBooks() {
    let first = field(3, [0x08, 0] + event)
    #expect(message(EventBook.self, cover + first) == "accepted")
    #expect(message(EventBook.self, first) == "cover is missing")
    #expect(message(EventBook.self, cover) == "pages is empty")
    #expect(
      message(EventBook.self, cover + first + field(3, [0x08, 1])) == "pages[1].event is missing")
    #expect(message(EventBook.self, cover + field(3, event)) == "pages[0].num is missing")
    #expect(
      message(EventBook.self, cover + field(3, [0x10, 1] + event)) == "pages[0].num is missing")
    #expect(
      message(EventBook.self, cover + first + first)
        == "pages[1].num must be 1, since pages have no gap, got 0")
    #expect(
      message(EventBook.self, cover + field(3, [0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F] + event))
        == "pages[0].num must be below 4294967295")
    #expect(
      message(EventBook.self, cover + field(2, [0x10, 1]) + first) == "snapshot.state is missing")
    #expect(
      message(
        EventBook.self,
        cover + field(2, [0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F] + field(3, [])) + first)
        == "snapshot.sequence must be below 4294967295")
  }

  @Test func proposedBooks() {
    #expect(message(ProposedBook.self, field(3, event)) == "accepted")
    #expect(message(ProposedBook.self, field(3, [0x08, 3])) == "pages[0].event is missing")
    // nanos: -1
    let early: Bytes = [0x10] + Bytes(repeating: 0xFF, count: 9) + [0x01]
    #expect(
      message(ProposedBook.self, field(3, field(3, early) + event))
        == "pages[0].createdAt.nanos must be 0 to 999999999, got -1")
    #expect(
      message(ProposedBook.self, field(3, field(3, [0x08] + early.dropFirst()) + event))
        == "accepted")
    #expect(throws: WireError.self) { try ProposedBook(recordRequest: field(3, event)) }
    #expect(throws: WireError.self) { try ProposedBook(recordRequest: cover) }
    #expect(throws: Never.self) { try ProposedBook(recordRequest: cover + field(3, event)) }
  }

  @Test func queries() {
    let query = Evented.Query(cover: Samples.cover, lower: 5, upper: 5)
    #expect(
      message(Evented.Query.self, query.wireBytes)
        == "upperBound must be 0 or above lowerBound, 5, got 5")
    #expect(message(Evented.Query.self, []) == "domain is missing")
    #expect(message(Evented.Query.self, field(1, [0x61])) == "root is missing")
    #expect(
      message(Evented.Query.self, field(1, [0x61]) + field(2, field(1, [1])))
        == "root.value must be 16 bytes, got 1")
  }

  @Test func requestsOfOutrider() {
    #expect(message(OutriderV1.GetProjectionRequest.self, []) == "projector is missing")
    #expect(
      message(OutriderV1.ListProjectionsRequest.self, field(1, [0x61])) == "domain is missing")
    #expect(
      message(
        OutriderV1.WatchProjectionsRequest.self,
        field(1, [0x61]) + field(2, [0x61]) + field(3, field(1, Samples.cover.root.bytes))
          + field(3, [])) == "roots[1].value must be 16 bytes, got 0")
    #expect(message(OutriderV1.ReadLogRequest.self, []) == "domain is missing")
    #expect(message(OutriderV1.HeadRequest.self, []) == "domain is missing")
    #expect(message(OutriderV1.RetryParkedRequest.self, []) == "subscription is missing")
    #expect(
      message(OutriderV1.SkipParkedRequest.self, field(1, [0x61]) + field(2, [0x61]))
        == "root is missing")
  }

  @Test func aTraceBeginsSomewhere() {
    func refusal(_ bytes: Bytes) -> String { message(OutriderV1.TraceRequest.self, bytes) }
    #expect(refusal([]) == "event, command_id or correlation is missing")
    #expect(refusal(field(1, [])) == "event.cover is missing")
    #expect(refusal(field(2, [])) == "command_id is missing")
    #expect(refusal(field(3, [])) == "correlation is missing")
    let long = OutriderV1.TraceRequest(start: .commandID(Name(String(repeating: "a", count: 300))))
    #expect(refusal(long.wireBytes) == "command_id must be at most 255 bytes, got 300")
    #expect(message(OutriderV1.TraceNode.self, []) == "cover is missing")
  }

  @Test func dispatchedCommands() {
    let command = field(1, Samples.command.encoded)
    #expect(message(OutriderV1.DispatchRequest.self, []) == "command is missing")
    #expect(message(OutriderV1.DispatchRequest.self, command) == "accepted")
    #expect(message(DispatchedCommand.self, command) == "command.command_id is missing")
    #expect(message(CommandReference.self, cover) == "command_id is missing")
    #expect(message(CommandReference.self, field(2, [0x61])) == "cover is missing")
  }

  @Test func endsOfCommands() {
    func outcome(_ end: Bytes) -> String {
      message(OutriderV1.CommandOutcome.self, field(1, Samples.command.encoded) + end)
    }
    #expect(outcome([]) == "accepted")
    #expect(outcome([2 << 3, 1]) == "events is missing")
    let events = EventBook(cover: Samples.cover, pages: Samples.pages(0..<1))
    #expect(outcome([2 << 3, 1] + field(3, events.wireBytes)) == "events.position is missing")
    #expect(outcome([2 << 3, 3]) == "code must be a gRPC status code from 1 to 16, got 0")
    let unknown = outcome([2 << 3, 3, 4 << 3, 17])
    #expect(unknown == "code must be a gRPC status code from 1 to 16, got 17")
    #expect(outcome([2 << 3, 6]) == "end must be a CommandOutcome.End, got 6")
    #expect(message(EndedCommand.self, field(1, [0x61])) == "end is missing")
    #expect(message(EndedCommand.self, field(1, [0x61]) + [2 << 3, 1]) == "event_count is missing")
  }

  @Test func codeThatGRPCDoesNotDefineIsUnknown() throws {
    let parked = Golden.parkedOutcome.replacing([5 << 3, 9], with: [5 << 3, 17])
    let outcome = try OutriderV1.ParkedOutcome(wireBytes: parked)
    #expect(outcome.stillParked?.statusCode == .unknown)
    let failed = Golden.synchronousProcessingResponse.replacing([2 << 3, 14], with: [2 << 3, 17])
    let response = try Evented.SynchronousProcessingResponse(wireBytes: failed)
    #expect(response.failures.map(\.statusCode) == [.unknown])
  }

  @Test func deadLettersAreNamed() {
    func settle(_ bytes: Bytes) -> String {
      message(OutriderV1.SettleDeadLettersRequest.self, bytes)
    }
    let all: Bytes = [2 << 3, 1]
    #expect(message(OutriderV1.GetDeadLetterRequest.self, []) == "id is missing")
    #expect(settle([]) == "all or ids must be set, and not both")
    #expect(settle(field(1, [0x61]) + all) == "all or ids must be set, and not both")
    #expect(settle(all) == "subscription is missing")
    #expect(settle(all + field(3, [0x61])) == "accepted")
    let many = Bytes((0...1000).flatMap { _ in field(1, [0x61]) })
    #expect(settle(many) == "ids has more than 1000")
  }

  @Test func bytesThatAreNoMessage() {
    #expect(
      message(Command.self, [0x0A, 0x05, 0x01]) == "evented.CommandBook is cut short: "
        + "5 bytes announced, 1 there")
    #expect(message(Command.self, cover + [0x08]).hasPrefix("evented.CommandBook is cut short"))
    #expect(
      message(Command.self, [0x08, 0x01]) == "cover has wire type varint, but is lengthDelimited")
    #expect(
      message(Command.self, cover + field(2, field(3, [0x0A, 0x7F])))
        == "pages[0].command is cut short: 127 bytes announced, 0 there")
    #expect(
      message(EventBook.self, cover + field(3, [0x08, 0] + field(4, field(1, [0xFF]))))
        == "pages[0].event.type_url is not UTF-8")
    #expect(
      message(Command.self, field(1, root + field(2, [0x62, 0, 0x62])) + command)
        == "cover.domain holds a zero byte, which a text may not")
    #expect(
      message(Command.self, [0x0B]) == "evented.CommandBook has wire type 3, which is not "
        + "supported, at byte 0")
    #expect(
      message(Command.self, [0x02, 0x00])
        == "evented.CommandBook has a field number that does not exist, at byte 0")
    // A tag that is field 3 in its low 32 bits, which protobuf-c would take for it.
    #expect(
      message(EventBook.self, [0x9A, 0x80, 0x80, 0x80, 0x10, 0x00])
        == "evented.EventBook has a field number that does not exist, at byte 0")
    #expect(
      message(Command.self, [0xA0, 0x06] + Bytes(repeating: 0xFF, count: 10))
        == "evented.CommandBook has a number of more than 10 bytes, at byte 2")
  }

  @Test func anErrorTellsItsMessageFieldAndKind() throws {
    let error = try #require(throws: WireError.self) { try Command(wireBytes: command) }
    #expect(error.code == .invalid)
    #expect(error.message == "evented.CommandBook")
    #expect(error.field == "cover")
    #expect(error.problem == "is missing")
    let damaged = try #require(throws: WireError.self) { try Command(wireBytes: [0x0A]) }
    #expect(damaged.code == .malformed)
    #expect(damaged.field == "")
  }

  /// 2 bytes on the wire make some 80 in memory.
  @Test func aMessageThatSwellsIsRefused() throws {
    let bytes = Bytes(repeating: 0, count: 3 << 20).indices.map { UInt8($0 % 2 == 0 ? 0x0A : 0) }
    let error = try #require(throws: WireError.self) {
      try OutriderV1.ListParkedResponse(wireBytes: bytes)
    }
    #expect(error.code == .tooLarge)
  }

  @Test func subscriptions() {
    func begin(_ change: (inout OutriderV1.SubscriptionBegin) -> Void) -> String {
      var begin = OutriderV1.SubscriptionBegin(name: "mailer", domains: ["bank"])
      change(&begin)
      return message(
        OutriderV1.SubscribeRequest.self, OutriderV1.SubscribeRequest(begin: begin).wireBytes)
    }
    #expect(begin { _ in } == "accepted")
    #expect(begin { $0.name = "" } == "begin.name is missing")
    #expect(begin { $0.name = "a/b" }.hasPrefix("begin.name must hold no '/'"))
    #expect(begin { $0.name = "$a" }.hasPrefix("begin.name must hold no '/'"))
    #expect(
      begin { $0.name = Name(String(repeating: "x", count: 129)) }
        == "begin.name must be at most 128 bytes, got 129")
    #expect(begin { $0.domains = [] } == "begin.domains is missing")
    #expect(begin { $0.domains = ["a", ""] } == "begin.domains[1] is missing")
    #expect(begin { $0.domains = ["a", "a"] } == "begin.domains[1] is there twice: a")
    #expect(
      begin { $0.domains = (0..<33).map { "d\($0)" } } == "begin.domains must be at most 32, got 33"
    )
    #expect(begin { $0.eventTypes = ["a", ""] } == "begin.event_types[1] is missing")
    #expect(
      begin { $0.eventTypes = (0..<257).map { "T\($0)" } }
        == "begin.event_types must be at most 256, got 257")
    #expect(begin { $0.lanes = 65 } == "begin.lanes must be at most 64, got 65")
    #expect(
      message(OutriderV1.SubscribeRequest.self, field(2, field(1, Bytes("bank".utf8))))
        == "acknowledgements[0].position is missing")
    #expect(message(OutriderV1.SubscribeResponse.self, []) == "delivery is missing")
  }
}
