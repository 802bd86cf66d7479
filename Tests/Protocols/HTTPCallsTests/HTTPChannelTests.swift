import Downloads
import RPC
import RPCTransport
import Testing

@testable import HTTPCalls

@Suite(.timeLimit(.minutes(5))) struct HTTPChannelTests {
  private static let handle = Method(service: "outrider.v1.Entity", name: "Handle")
  private static let check = Method(service: "grpc.health.v1.Health", name: "Check")
  private let loops = EventLoops(.singleton)

  private func channel(
    to port: Int, base: String = "", connections: Int = 4
  ) -> HTTPChannel {
    let server = WebServer(
      at: .tcp(host: "127.0.0.1", port: port), authority: "127.0.0.1:\(port)", tls: nil,
      on: loops, keepingConnections: connections)
    return HTTPChannel(to: server, base: base, mediaType: "avro/binary", answerBytesMax: 100)
  }

  /// Runs the body with a server, and ends both.
  private func with(
    _ answers: [ScriptedServer.Answer], connections: Int = 4,
    _ body: (HTTPChannel, ScriptedServer) async throws -> Void
  ) async throws {
    let server = try await ScriptedServer(answers)
    let channel = channel(to: server.port, connections: connections)
    try await body(channel, server)
    await channel.close()
    try await server.close()
  }

  private func call(
    _ channel: HTTPChannel, within time: Duration = .seconds(300)
  ) async throws -> String {
    let answer = try await channel.unary(
      Self.handle, Array("asked".utf8), CallOptions(deadline: .after(time)))
    return String(decoding: answer, as: UTF8.self)
  }

  private func expect(_ channel: HTTPChannel, _ answer: String = "good") async throws {
    #expect(try await call(channel) == answer)
  }

  private func status(
    of channel: HTTPChannel, within time: Duration = .seconds(300)
  ) async -> RPCStatus? {
    do {
      _ = try await call(channel, within: time)
      return nil
    } catch { return error as? RPCStatus }
  }

  // MARK: Requests

  @Test func messageIsTheBody() async throws {
    let server = try await ScriptedServer()
    let channel = channel(to: server.port, base: "/functions")
    let options = CallOptions(metadata: ["traceparent": "00-1-2-01", "some-bin": "x"])
    let answer = try await channel.unary(Self.handle, Array("asked".utf8), options)
    #expect(answer == Array("good".utf8))
    let request = try #require(server.requests.first)
    #expect(request.head.method == .POST && request.head.uri == "/functions/handle")
    #expect(request.body == Array("asked".utf8))
    let headers = request.head.headers
    #expect(headers.first(name: "host") == "127.0.0.1:\(server.port)")
    #expect(headers.first(name: "content-type") == "avro/binary")
    #expect(headers.first(name: "accept") == "avro/binary")
    #expect(headers.first(name: "traceparent") == "00-1-2-01")
    #expect(!headers.contains(name: "some-bin"))
    await channel.close()
    try await server.close()
  }

  @Test func emptyMessageHasALength() async throws {
    try await with([]) { channel, server in
      _ = try await channel.unary(Self.handle, [])
      #expect(server.requests.first?.head.headers.first(name: "content-length") == "0")
    }
  }

  @Test(
    arguments: [(200, .ok), (404, .notFound), (501, .unimplemented), (503, .unavailable)]
      as [(Int, RPCStatus.Code)])
  func healthIsAResource(_ status: Int, _ code: RPCStatus.Code) async throws {
    try await with([.bytes(ScriptedServer.text(status, type: nil))]) { channel, server in
      var refusal: RPCStatus?
      do throws(RPCStatus) { _ = try await channel.unary(Self.check, []) } catch { refusal = error }
      #expect(refusal?.code ?? .ok == code)
      let head = server.requests.first?.head
      #expect(head?.method == .GET && head?.uri == "/health")
    }
  }

  @Test func streamsAreNotCarried() async throws {
    let error = await #expect(throws: RPCStatus.self) {
      _ = try await channel(to: 1).stream(Self.handle, CallOptions())
    }
    #expect(error?.code == .unimplemented)
  }

  // MARK: Connections

  @Test func connectionIsUsedAgain() async throws {
    try await with([]) { channel, server in
      for _ in 0..<3 { try await expect(channel) }
      #expect(server.connections == 1)
    }
  }

  @Test func callsBeyondTheConnectionsWait() async throws {
    try await with([], connections: 2) { channel, server in
      try await withThrowingTaskGroup { group in
        for _ in 0..<50 { group.addTask { try await expect(channel) } }
        try await group.waitForAll()
      }
      #expect(server.connections <= 2 && server.requests.count == 50)
    }
  }

  @Test(arguments: [false, true])
  func callsHaveDeadlines(isKept: Bool) async throws {
    try await with([], connections: 1) { channel, server in
      if isKept { try await expect(channel) }
      server.beSilent(true)
      // One of them waits for the connection.
      async let first = status(of: channel, within: .milliseconds(50))
      async let second = status(of: channel, within: .milliseconds(50))
      #expect(await first?.code == .deadlineExceeded)
      #expect(await second?.code == .deadlineExceeded)
      server.beSilent(false)
      try await expect(channel)
    }
  }

  @Test func serverThatAsksForItGetsNewConnections() async throws {
    let closing = ScriptedServer.text(200, "one", "Connection: close\r\n")
    try await with([.last(closing), .last(closing)]) { channel, server in
      for expected in ["one", "one", "good"] { try await expect(channel, expected) }
      #expect(server.connections == 3)
    }
  }

  @Test func requestWhoseKeptConnectionBreaksIsSentAgain() async throws {
    try await with([ScriptedServer.good, .last("")]) { channel, server in
      for _ in 0..<2 { try await expect(channel) }
      #expect(server.requests.count == 3 && server.connections == 2)
    }
  }

  @Test func requestIsSentAgainOnce() async throws {
    try await with([ScriptedServer.good, .last(""), .last("")]) { channel, server in
      try await expect(channel)
      #expect(await status(of: channel)?.code == .unavailable)
      #expect(server.requests.count == 3)
    }
  }

  @Test func nobodyThereIsNeverProcessed() async throws {
    let port = ReservedPort()
    let status = await status(of: channel(to: port.number))
    #expect(status?.code == .unavailable && status?.isNeverProcessed == true)
  }

  @Test func serverIsWaitedFor() async throws {
    let port = ReservedPort()
    let channel = channel(to: port.number)
    let options = CallOptions(deadline: .after(.seconds(300)), waitForReady: true)
    async let answer = channel.unary(Self.handle, [], options)
    let server = try await ScriptedServer(port: port.number)
    #expect(try await answer == Array("good".utf8))
    await channel.close()
    try await server.close()
  }

  @Test func callEndsWithItsTask() async throws {
    try await with([.silence]) { channel, server in
      let calling = Task { await status(of: channel) }
      while server.requests.isEmpty { await Task.yield() }
      calling.cancel()
      #expect(await calling.value?.code == .cancelled)
      try await expect(channel)
    }
  }

  @Test func callsUnderWayEndWithTheChannel() async throws {
    try await with([.silence], connections: 1) { channel, server in
      async let first = status(of: channel)
      while server.requests.isEmpty { await Task.yield() }
      async let waiting = status(of: channel)
      await channel.close()
      #expect(await first?.code == .unavailable)
      #expect(await waiting?.code == .unavailable)
    }
  }

  @Test func closedChannelTakesNoCalls() async throws {
    try await with([]) { channel, _ in
      await channel.close()
      #expect(await status(of: channel)?.code == .unavailable)
    }
  }

  // MARK: Answers

  @Test(
    arguments: [
      (400, .invalidArgument), (401, .unauthenticated), (402, .failedPrecondition),
      (403, .permissionDenied), (404, .notFound), (405, .unimplemented), (408, .deadlineExceeded),
      (409, .failedPrecondition), (410, .notFound), (412, .failedPrecondition),
      (413, .resourceExhausted), (415, .unimplemented), (422, .failedPrecondition),
      (429, .resourceExhausted), (500, .unknown), (501, .unimplemented), (502, .unavailable),
      (503, .unavailable), (504, .deadlineExceeded), (599, .unknown),
    ] as [(Int, RPCStatus.Code)])
  func statusIsThatOfGRPC(_ status: Int, _ code: RPCStatus.Code) async throws {
    try await with([.bytes(ScriptedServer.text(status))]) { channel, _ in
      let refusal = await self.status(of: channel)
      #expect(refusal?.code == code)
      #expect(refusal?.message.hasPrefix("POST /handle was answered with \(status) ") == true)
    }
  }

  @Test(arguments: [
    ("text/plain", "the balance is too low\n", "the balance is too low"),
    ("text/plain; charset=utf-8", "zu wenig für dich", "zu wenig für dich"),
    ("application/problem+json", #"{"title": "Low", "detail": "too low"}"#, "too low"),
    ("application/problem+json", #"{"title": "Low"}"#, "Low"),
    ("application/json", #"{"detail": "too low"}"#, "too low"),
    ("application/problem+json", "{", "POST /handle was answered with 409 Conflict"),
    ("text/html", "<h1>409</h1>", "POST /handle was answered with 409 Conflict"),
  ])
  func refusalSaysWhy(_ type: String, _ body: String, _ message: String) async throws {
    try await with([.bytes(ScriptedServer.text(409, body, type: type))]) { channel, _ in
      #expect(await status(of: channel)?.message == message)
    }
  }

  /// What is no answer: how the call fails, and with what words.
  static let broken: [(ScriptedServer.Answer, RPCStatus.Code, String)] = [
    (
      .bytes(ScriptedServer.text(302, "", "Location: /other\r\n")), .internal, "302 Found to /other"
    ),
    (.bytes(ScriptedServer.text(200, "<html>", type: "text/html")), .internal, "text/html"),
    (.bytes(ScriptedServer.text(200, "x", type: nil)), .internal, "no Content-Type"),
    (.bytes(ScriptedServer.text(204)), .internal, "not with 200"),
    (.last("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"), .unavailable, "POST /handle"),
    (.last(""), .unavailable, "closed the connection"),
    (.bytes("no HTTP at all\r\n\r\n"), .internal, "not HTTP/1.1"),
    (.bytes("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), .internal, "not HTTP/1.1"),
    (
      .bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n"), .internal,
      "not HTTP/1.1"
    ),
    (
      .bytes(ScriptedServer.text(200, String(repeating: "x", count: 101))), .resourceExhausted,
      "longer than 100 bytes"
    ),
    (
      .bytes(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n"
          + String(repeating: "x", count: 101) + "\r\n"), .resourceExhausted,
      "longer than 100 bytes"
    ),
  ]

  /// On a connection that is new, and on one that is kept; the next call succeeds.
  @Test(arguments: 0..<Self.broken.count, [false, true])
  func brokenAnswerFailsItsCallAlone(_ index: Int, isKept: Bool) async throws {
    let (answer, code, words) = Self.broken[index]
    // Where a kept connection breaks, the request is sent again.
    let before = isKept ? [ScriptedServer.good] : []
    let again = isKept && code == .unavailable ? [answer] : []
    try await with(before + [answer] + again) { channel, _ in
      if isKept { try await expect(channel) }
      let status = await status(of: channel)
      #expect(status?.code == code)
      #expect(status?.message.contains(words) == true, "\(status?.message ?? "")")
      try await expect(channel)
    }
  }
}
