import EventModel
import Testing
import Wire

@Suite struct EventMessageTests {
  private let root = Root([0, 0, 1, 0x57, 0x28, 0xF1, 0xFA, 0x50, 2, 0x42, 0, 0, 0, 0, 0, 1])

  private func commit(_ types: [String], origin: Origin = Origin()) throws -> RecordedCommit {
    var pages = PageBlock(emptyAt: 4)
    for type in types {
      pages.append(
        EventPage(
          sequence: pages.next, createdAt: Timestamp(seconds: 1),
          body: Payload(typeURL: type, value: [1]).pageBody))
    }
    return RecordedCommit(
      position: Position(partition: 3, number: 1_234_567_890_123),
      commit: Commit(
        cover: Cover(domain: "a bank", root: try #require(root)),
        id: try #require(CommitID("0190163d-8694-739b-aea5-966c26f8ad91")), pages: pages,
        origin: origin, createdAt: Timestamp(seconds: 951_782_400, nanoseconds: 42_000_000)))
  }

  private func texts(_ headers: MessageHeaders) -> [String: String] {
    Dictionary(
      uniqueKeysWithValues: headers.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) })
  }

  @Test func headersSayWhatACommitIs() throws {
    let id = "0190163d-8694-739b-aea5-966c26f8ad91"
    let message = EventMessage(
      try commit(["type.example/bank.Opened", "type.example/bank.Closed"]), cloudEvents: "ce_")
    #expect(
      texts(message.headers) == [
        "ce_specversion": "1.0", "ce_id": id, "ce_source": "/domains/a%20bank",
        "ce_type": "bank.Opened", "ce_subject": "00000157-28f1-fa50-0242-000000000001",
        "ce_time": "2000-02-29T00:00:00.042Z", "outrider-commit-id": id,
        "outrider-partition": "3", "outrider-position": "1234567890123", "outrider-sequence": "4",
        "outrider-events": "2", "outrider-correlation": id,
      ])
    #expect(try EventBook(wireBytes: message.body).position?.number == 1_234_567_890_123)
  }

  @Test func whatTheClientSentIsAmongTheHeaders() throws {
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    let origin = Origin(
      correlation: "k1", Evented.Annotations(headers: ["traceparent": trace, "other": "x"]))
    let headers = texts(
      EventMessage(try commit(["", "t/bank.Closed"], origin: origin), cloudEvents: "").headers)
    #expect(headers["outrider-correlation"] == "k1")
    #expect(headers["traceparent"] == trace && headers["other"] == nil)
    #expect(headers["type"] == "bank.Closed")
  }

  /// What only looks like the command id was given by the client.
  @Test(
    arguments: [
      (nil, ""), ("c1", ""), ("c1", "k1"), ("K", "\u{212A}"), ("e\u{301}", "\u{E9}"),
    ] as [(String?, String)])
  func idAndCorrelationComeBack(id: String?, correlation: String) throws {
    var given = try commit(["t/bank.Opened"], origin: Origin(correlation: correlation))
    given.commit.commandID = id
    let read = try RecordedCommit(
      message: EventMessage(given, cloudEvents: "").body, commitID: "\(given.commit.id)")
    #expect(read.commit.commandID.bytewise == id.bytewise)
    #expect(read.commit.origin == given.commit.origin)
  }

  @Test func headersComeBackInTheirOrder() {
    let given: [MessageHeaders.Element] = [("a", [1, 2]), ("", []), ("b", [0])]
    var headers = MessageHeaders(given)
    headers.append("a", "ü")
    #expect(headers.map(\.name) == ["a", "", "b", "a"])
    #expect(headers.map(\.value) == [[1, 2], [], [0], Bytes("ü".utf8)])
    #expect(headers.byteCount == 8)
    headers.withUnsafeBytes { bytes in
      #expect(headers.places(of: 2).name == 3..<4 && bytes[4] == 0)
    }
  }
}
