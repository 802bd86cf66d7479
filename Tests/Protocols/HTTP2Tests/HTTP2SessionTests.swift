import HTTP2
import Testing

@Suite struct HTTP2SessionTests {
  static let request = HTTP2Headers([
    ":method": "POST", ":scheme": "http", ":path": "/a/B", ":authority": "here",
  ])
  static let response = HTTP2Headers([":status": "200"])

  /// A pair with one request on its way to the server.
  func opened(
    _ pair: SessionPair
  ) throws -> (client: RecordingStream, server: RecordingStream) {
    let stream = RecordingStream()
    #expect(pair.client.session.open(stream, Self.request))
    try pair.exchange()
    return (stream, try #require(pair.server.streams.last))
  }

  @Test func requestArrivesWithItsHeadersAndData() throws {
    let pair = SessionPair()
    let (client, server) = try opened(pair)
    client.write(lead: 0x0201, leadCount: 2, [3, 4])
    client.finish()
    try pair.exchange()
    #expect(server.fields[":path"] == "/a/B")
    #expect(server.data == [1, 2, 3, 4])
    #expect(server.hasEnded)
  }

  @Test func responseEndsWithTrailers() throws {
    let pair = SessionPair()
    let (client, server) = try opened(pair)
    client.finish()
    pair.server.session.respond(server, Self.response)
    server.write([9])
    try pair.exchange()
    #expect(client.data == [9])
    #expect(!client.hasEnded)
    server.finish(trailers: HTTP2Headers(["grpc-status": "0"]))
    try pair.exchange()
    #expect(client.blocks == 2)
    #expect(client.fields["grpc-status"] == "0")
    #expect(client.hasEnded)
    #expect(client.closeCode == .noError)
    #expect(server.closeCode == .noError)
    #expect(!client.isOpen && !server.isOpen)
  }

  @Test func muchIsSentInPiecesOfTheSizeThatIsAskedFor() throws {
    let (piece, frame) = (20_000, 16_384 + 9)
    let pair = SessionPair()
    let (client, server) = try opened(pair)
    let message = (0..<60_000).map { UInt8(truncatingIfNeeded: $0 / 100) }
    client.write(message)
    client.finish()
    var pieces: [Int] = []
    while !server.hasEnded {
      let bytes = try pair.client.take(piece)
      try #require(!bytes.isEmpty)
      pieces.append(bytes.count)
      try bytes.withUnsafeBytes { try pair.server.session.receive($0) }
    }
    #expect(pieces.count > 1)
    #expect(pieces.dropLast().allSatisfy { piece..<piece + frame ~= $0 })
    #expect(server.data == message)
  }

  @Test func answerThatIsOneBlockStopsTheRequest() throws {
    let pair = SessionPair()
    let (client, server) = try opened(pair)
    pair.server.session.respondOnly(server, Self.response)
    try pair.exchange()
    #expect(client.hasEnded)
    #expect(client.closeCode == .noError)
    #expect(server.closeCode == .noError)
  }

  @Test func dataStopsAtTheWindowUntilItIsConsumed() throws {
    let pair = SessionPair(server: HTTP2Configuration(streamWindowBytes: 65_535))
    let (client, server) = try opened(pair)
    server.consumesAtOnce = false
    client.write([UInt8](repeating: 1, count: 100_000))
    try pair.exchange()
    #expect(server.data.count == 65_535)
    #expect(client.outgoingCount == 34_465)
    server.consume(65_535)
    try pair.exchange()
    #expect(server.data.count == 100_000)
  }

  @Test func streamThatIsNotReadLeavesTheOthersTheirWindow() throws {
    let pair = SessionPair(
      server: HTTP2Configuration(streamWindowBytes: 65_535, connectionWindowBytes: 65_535))
    let (slow, slowServer) = try opened(pair)
    slowServer.consumesAtOnce = false
    slow.write([UInt8](repeating: 1, count: 100_000))
    try pair.exchange()
    let (quick, quickServer) = try opened(pair)
    quick.write([UInt8](repeating: 2, count: 30_000))
    try pair.exchange()
    #expect(quickServer.data.count == 30_000)
  }

  /// RFC 9113 section 5.1.1 wants the connection to end. nghttp2 drops such a block instead, since
  /// it cannot tell it from one on a stream that we closed while it was on its way; so it must cost
  /// nothing.
  @Test func headersOnAStreamBelowTheLastOneOpenNothing() throws {
    let server = Side(.server, HTTP2Configuration())
    let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
    // ":method: GET", ":scheme: http", ":path: /" of the static table (RFC 7541, appendix A).
    func headers(_ stream: UInt8) -> [UInt8] {
      [0, 0, 3, 1, 4, 0, 0, 0, stream, 0x82, 0x86, 0x84]
    }
    try receive(preface + headers(3), server)
    for _ in 0..<9000 { try receive(headers(1), server) }
    #expect(server.streams.count == 1)
    #expect(server.session.openStreamCount == 1)
    try receive(headers(5), server)
    #expect(server.session.openStreamCount == 2)
    #expect(!server.session.isFinished)
  }

  /// What a server says to one field of 4000 bytes in the table of header compression, and then
  /// names of it, one byte each (RFC 7541 sections 6.1 and 6.2.1).
  func sendHeaderBomb(
    names count: Int
  ) throws -> (server: Side, first: RecordingStream, bomb: RecordingStream) {
    let server = Side(.server, HTTP2Configuration())
    try receive(
      Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0], server)
    func headers(_ stream: UInt8, _ block: [UInt8]) -> [UInt8] {
      let block = [0x83, 0x86, 0x84] + block
      return [0, UInt8(block.count >> 8), UInt8(block.count & 255), 1, 4, 0, 0, 0, stream] + block
    }
    // "a", with a value of 4000 bytes: 127 and 3873 in the following bytes, seven bits each.
    let big = [0x40, 1, UInt8(ascii: "a"), 127, 0xa1, 0x1e] + [UInt8](repeating: 0x62, count: 4000)
    try receive(headers(1, big), server)
    try receive(headers(3, [UInt8](repeating: 0x80 | 62, count: count)), server)
    return (server, server.streams[0], server.streams[1])
  }

  @Test func headerBlockBeyondTheLimitIsCutOff() throws {
    let (server, first, bomb) = try sendHeaderBomb(names: 10)
    #expect(!first.hasTooManyHeaders)
    #expect(bomb.hasTooManyHeaders)
    #expect(bomb.headerBytesSeen <= 16 << 10)
    #expect(server.session.openStreamCount == 2)
  }

  /// 10 KB that stand for 40 MB.
  @Test func headerBombIsNotUnpackedAndEndsTheConnection() throws {
    let (server, _, bomb) = try sendHeaderBomb(names: 10_000)
    #expect(bomb.headerBytes <= (64 << 10) + 4033)
    #expect(try server.takeGoAway() == .enhanceYourCalm)
    #expect(server.session.isFinished)
  }

  /// ":method: GET", ":scheme: http", ":path: /", ":authority: a" by the static table (RFC 7541,
  /// appendix A).
  static let smallest: [UInt8] = [0x82, 0x86, 0x84, 0x01, 1, 0x61]

  /// A frame of each type that a request has no right to send, behind one of each kind of end (RFC
  /// 9113 section 5.1).
  @Test(arguments: [0, 1] as [UInt8], ["END_STREAM", "RST_STREAM"])
  func frameBehindTheEndOfARequestEndsTheConnection(_ type: UInt8, _ end: String) throws {
    let server = Side(.server, HTTP2Configuration())
    try receive(
      Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0], server)
    let isReset = end == "RST_STREAM"
    try receive([0, 0, 6, 1, isReset ? 4 : 5, 0, 0, 0, 1] + Self.smallest, server)
    if isReset { try receive([0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 8], server) }
    server.session.respondOnly(server.streams[0], Self.response)
    _ = try server.take()
    #expect(server.session.openStreamCount == 0)
    // In two pieces, as it may come from a socket.
    try receive([0, 0, 6, type], server)
    try receive([5, 0, 0, 0, 1] + Self.smallest, server)
    #expect(try server.takeGoAway() == .streamClosed)
  }

  @Test(arguments: [0, 1] as [UInt8])
  func frameInTheSameBytesAsAResetEndsTheConnection(_ type: UInt8) throws {
    let server = Side(.server, HTTP2Configuration())
    let request = [0, 0, 6, 1, 4, 0, 0, 0, 1] + Self.smallest
    let reset: [UInt8] = [0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 8]
    try receive(
      Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0] + request
        + reset + [0, 0, 6, type, 5, 0, 0, 0, 1] + Self.smallest, server)
    #expect(try server.takeGoAway() == .streamClosed)
  }

  @Test func frameOnAStreamThatWeResetWasOnItsWay() throws {
    let server = Side(.server, HTTP2Configuration())
    try receive(
      Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0], server)
    try receive([0, 0, 6, 1, 4, 0, 0, 0, 1] + Self.smallest, server)
    server.streams[0].reset(.cancel)
    _ = try server.take()
    try receive([0, 0, 1, 0, 1, 0, 0, 0, 1, 7], server)
    #expect(try server.takeGoAway() == nil)
    #expect(!server.session.isFinished)
  }

  @Test(arguments: [false, true])
  func blockThatCannotBeSentResetsItsStream(_ isTrailers: Bool) throws {
    let pair = SessionPair()
    let (client, server) = try opened(pair)
    client.finish()
    let long = HTTP2Headers([":status": "200", "a": String(repeating: "b", count: 100_000)])
    if isTrailers {
      pair.server.session.respond(server, Self.response)
      server.finish(trailers: long)
    } else {
      pair.server.session.respondOnly(server, long)
    }
    try pair.exchange()
    #expect(client.closeCode == .internalError)
    #expect(server.closeCode == .internalError)
    let (next, _) = try opened(pair)
    #expect(next.isOpen)
  }

  private func receive(_ bytes: [UInt8], _ side: Side) throws {
    try bytes.withUnsafeBytes { try side.session.receive($0) }
  }

  @Test func streamThatHasEndedBothWaysIsNotReset() throws {
    let pair = SessionPair()
    let (client, server) = try opened(pair)
    client.resetsAtTheEnd = true
    client.finish()
    try pair.exchange()
    pair.server.session.respondOnly(server, Self.response)
    try receive(pair.server.take(), pair.client)
    #expect(client.hasEnded && client.closeCode == .noError)
    let sent = try pair.client.take()
    #expect(sent == [])
  }

  @Test func resetReachesTheOtherSide() throws {
    let pair = SessionPair()
    let (client, server) = try opened(pair)
    client.reset(.cancel)
    try pair.exchange()
    #expect(server.closeCode == .cancel)
    #expect(client.closeCode == .cancel)
    server.write([1])
    server.finish()
    try pair.exchange()
    #expect(client.data == [])
  }

  @Test func requestBeyondThePeersLimitWaitsItsTurn() throws {
    let pair = SessionPair(server: HTTP2Configuration(concurrentStreamsMax: 1))
    let (_, server) = try opened(pair)
    let second = RecordingStream()
    #expect(pair.client.session.open(second, Self.request))
    try pair.exchange()
    #expect(pair.server.streams.count == 1)
    #expect(!second.hasSentHeaders)
    server.reset(.cancel)
    try pair.exchange()
    #expect(pair.server.streams.count == 2)
    #expect(second.hasSentHeaders)
  }

  @Test func waitingRequestIsClosedUnsentByGoAway() throws {
    let pair = SessionPair(server: HTTP2Configuration(concurrentStreamsMax: 1))
    let (first, server) = try opened(pair)
    let second = RecordingStream()
    #expect(pair.client.session.open(second, Self.request))
    pair.server.session.sendGoAway()
    pair.server.session.respondOnly(server, Self.response)
    try pair.exchange()
    #expect(first.closeCode == .noError)
    #expect(second.closeCode != nil)
    #expect(!second.hasSentHeaders)
    #expect(pair.client.goAways == [.noError])
    #expect(pair.client.session.isFinished && pair.server.session.isFinished)
  }

  @Test func shutdownTakesTheCallsOnTheirWayAndRefusesLaterOnes() throws {
    let pair = SessionPair()
    let (early, server) = try opened(pair)
    pair.server.session.announceShutdown()
    try pair.exchange()
    #expect(early.isOpen)
    pair.server.session.sendGoAway()
    try pair.exchange()
    let late = RecordingStream()
    #expect(pair.client.session.open(late, Self.request))
    try pair.exchange()
    #expect(late.closeCode != nil)
    #expect(!late.hasSentHeaders)
    pair.server.session.respondOnly(server, Self.response)
    try pair.exchange()
    #expect(early.closeCode == .noError)
    #expect(pair.server.session.isFinished)
  }

  @Test func pingIsAnswered() throws {
    let pair = SessionPair()
    pair.client.session.ping()
    try pair.exchange()
    #expect(pair.client.pingAnswers == 1)
    #expect(pair.client.hasSettings && pair.server.hasSettings)
  }

  @Test func closingASessionClosesItsStreams() throws {
    let pair = SessionPair()
    let (client, _) = try opened(pair)
    pair.client.session.close(.internalError)
    #expect(client.closeCode == .internalError)
    #expect(!client.isOpen)
  }

  @Test func sessionThatIsDroppedClosesItsStreamsAndIsGone() {
    let stream = RecordingStream()
    func openAndDrop() -> () -> HTTP2Session? {
      let client = Side(.client, HTTP2Configuration())
      #expect(client.session.open(stream, Self.request))
      return { [weak session = client.session] in session }
    }
    let session = openAndDrop()
    #expect(session() == nil)
    #expect(!stream.isOpen)
    #expect(stream.closeCode == .cancel)
  }

  @Test func headersOverTheLimitAreDroppedAndTold() throws {
    let pair = SessionPair(server: HTTP2Configuration(headerBytesMax: 1000))
    var headers = Self.request
    headers.append("x", String(repeating: "y", count: 2000))
    let stream = RecordingStream()
    #expect(pair.client.session.open(stream, headers))
    try pair.exchange()
    let server = try #require(pair.server.streams.first)
    #expect(server.hasTooManyHeaders)
    #expect(server.fields["x"] == nil)
    #expect(server.blocks == 1)
  }

  @Test func pingsWhoseAnswersAreNotTakenEndTheSession() throws {
    let pair = SessionPair()
    try pair.exchange()
    let ping: [UInt8] = [0, 0, 8, 6, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 8)
    #expect(throws: HTTP2Error.self) {
      for _ in 0..<2000 {
        try ping.withUnsafeBytes { try pair.server.session.receive($0) }
      }
    }
  }

  @Test func whatIsNotHTTP2IsRefusedAtOnce() {
    let pair = SessionPair()
    #expect(throws: HTTP2Error.self) {
      try Array("GET / HTTP/1.1\r\n\r\n\r\n\r\n\r\n".utf8).withUnsafeBytes {
        try pair.server.session.receive($0)
      }
    }
  }
}
