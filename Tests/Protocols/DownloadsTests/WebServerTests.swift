import Downloads
import HTTP1
import RPCTransport
import Testing

@Suite(.timeLimit(.minutes(5))) struct WebServerTests {
  private static let patience = Duration.seconds(300)
  private static let authority = "site.test"
  private static let loops = EventLoops(.singleton)

  /// Runs the body with a client of a site, then ends both.
  ///
  /// - Parameter count: of connections to keep; nil: a new one for each request.
  private func with(
    keeping count: Int? = nil, _ body: (WebServer, Site) async throws -> Void
  ) async throws {
    try await Site.with { site, address in
      let server = server(at: address, keeping: count)
      try await body(server, site)
      server.close()
    }
  }

  private func server(at address: Address, keeping count: Int?) -> WebServer {
    if case .tcp(let host, let port) = address, count == nil {
      return WebServer(host: host, port: port, authority: Self.authority, tls: nil)
    }
    return WebServer(
      at: address, authority: Self.authority, tls: nil, on: Self.loops,
      keepingConnections: count ?? 1)
  }

  private func failure(
    of server: WebServer, _ path: String, timeout: Duration = patience, byteCountMax: Int = 100
  ) async -> DownloadError.Kind? {
    let error = await #expect(throws: DownloadError.self) {
      _ = try await server.get(path, timeout: timeout, byteCountMax: byteCountMax)
    }
    return error?.kind
  }

  // MARK: Answers

  @Test func answerHasStatusHeadersAndBody() async throws {
    try await with { server, _ in
      let answer = try await server.get("/text", timeout: Self.patience)
      #expect(answer.code == 200 && answer.status == "200 OK")
      #expect(answer.header("content-type") == "text/plain")
      #expect(answer.header("location") == nil)
      #expect(answer.body == Array("hello".utf8))
    }
  }

  @Test func requestArrivesAsItWasSent() async throws {
    try await with { server, site in
      let body = Array("asked".utf8)
      let answer = try await server.send(
        "POST", "/echo?after=a%20b", headers: [("x-asked", "yes")], body: body,
        timeout: Self.patience, byteCountMax: 100)
      #expect(answer.body == body)
      let request = try #require(site.requests.first)
      #expect(request.method == "POST" && request.body == body)
      let target = try HTTPTarget("/echo?after=a%20b")
      #expect(request.target == target)
      #expect(request.fields["host"] == Self.authority)
      #expect(request.fields["x-asked"] == "yes")
      #expect(request.fields["content-length"] == "5")
    }
  }

  @Test func errorStatusIsAnAnswer() async throws {
    try await with { server, _ in
      let answer = try await server.get("/gone", timeout: Self.patience)
      #expect(answer.code == 410 && answer.body == Array("gone".utf8))
    }
  }

  @Test func redirectionIsNotFollowed() async throws {
    try await with { server, site in
      let answer = try await server.get("/moved", timeout: Self.patience)
      #expect(answer.code == 302 && answer.header("location") == "/text")
      #expect(site.paths == ["/moved"])
    }
  }

  // MARK: Limits

  @Test(arguments: ["/text", "/chunks"])
  func bodyMayReachTheLimit(_ path: String) async throws {
    try await with { server, _ in
      let answer = try await server.get(path, timeout: Self.patience, byteCountMax: 5)
      #expect(answer.body == Array("hello".utf8))
    }
  }

  @Test(arguments: ["/text", "/chunks"])
  func longerBodyIsRefused(_ path: String) async throws {
    try await with { server, _ in
      #expect(await failure(of: server, path, byteCountMax: 4) == .tooLong)
    }
  }

  @Test func silentServerTimesOut() async throws {
    try await with { server, _ in
      #expect(await failure(of: server, "/silence", timeout: .milliseconds(20)) == .timedOut)
    }
  }

  @Test func cancelledRequestEndsAtOnce() async throws {
    try await with { server, site in
      let asking = Task { try await server.get("/silence", timeout: Self.patience) }
      await site.isAskedForSilence()
      asking.cancel()
      await #expect(throws: CancellationError.self) { try await asking.value }
    }
  }

  // MARK: Failures

  @Test func missingServerIsUnreachable() async {
    let server = server(at: .unix(path: "/missing/socket"), keeping: 1)
    #expect(await failure(of: server, "/text") == .unreachable)
    server.close()
  }

  @Test func brokenAnswerIsInterrupted() async throws {
    try await with { server, site in
      #expect(await failure(of: server, "/half") == .interrupted)
      #expect(site.paths == ["/half"])
    }
  }

  @Test func answerThatIsNotHTTPIsMalformed() async throws {
    try await with { server, _ in
      #expect(await failure(of: server, "/malformed") == .malformed)
    }
  }

  @Test func closedClientFailsRunningAndLaterRequests() async throws {
    try await with { server, site in
      let asking = Task { try await server.get("/silence", timeout: Self.patience) }
      await site.isAskedForSilence()
      server.close()
      let error = await #expect(throws: DownloadError.self) { try await asking.value }
      #expect(error?.kind == .interrupted)
      #expect(await failure(of: server, "/text") == .unreachable)
    }
  }

  // MARK: Connections

  @Test func eachRequestHasAConnection() async throws {
    try await with { server, site in
      for _ in 1...2 { _ = try await server.get("/text", timeout: Self.patience) }
      #expect(site.requests.map { $0.fields["connection"] } == ["close", "close"])
    }
  }

  @Test func keptConnectionIsUsedAgain() async throws {
    try await with(keeping: 2) { server, site in
      for _ in 1...3 { _ = try await server.get("/text", timeout: Self.patience) }
      #expect(site.requests.count == 3 && site.peers.count == 1)
    }
  }

  @Test func requestWaitsForAConnection() async throws {
    try await with(keeping: 1) { server, site in
      async let first = server.get("/text", timeout: Self.patience)
      async let second = server.get("/text", timeout: Self.patience)
      let codes = try await [first.code, second.code]
      #expect(codes == [200, 200] && site.peers.count == 1)
    }
  }

  @Test func waitingRequestTimesOut() async throws {
    try await with(keeping: 1) { server, site in
      let asking = Task { try await server.get("/silence", timeout: Self.patience) }
      await site.isAskedForSilence()
      #expect(await failure(of: server, "/text", timeout: .milliseconds(20)) == .timedOut)
      #expect(site.paths == ["/silence"])
      asking.cancel()
      _ = await asking.result
    }
  }

  @Test func requestIsRepeatedOnceIfAKeptConnectionBreaks() async throws {
    try await with(keeping: 1) { server, site in
      _ = try await server.get("/text", timeout: Self.patience)
      #expect(await failure(of: server, "/half") == .interrupted)
      #expect(site.paths == ["/text", "/half", "/half"])
      #expect(site.peers.count == 2)
    }
  }
}
