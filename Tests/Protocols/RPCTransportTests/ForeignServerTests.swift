import HTTP2
import RPC
import RPCTransport
import Testing

/// What a client makes of servers that refuse, fail, and leave.
@Suite(.timeLimit(.minutes(5))) struct ForeignServerTests {
  static func answer(_ session: HTTP2Session, _ stream: HTTP2Stream) -> ForeignServer.Action {
    session.respond(stream, HTTP2Headers([":status": "200", "content-type": "application/grpc"]))
    stream.write([0, 0, 0, 0, 1, 7])
    stream.finish(trailers: HTTP2Headers(["grpc-status": "0"]))
    return .nothing
  }

  /// How a unary call ends with a server of this script, and how many requests that took.
  func outcome(
    _ script: @escaping ForeignServer.Script
  ) async throws -> (Result<Message, RPCStatus>, requests: Int) {
    let server = try await ForeignServer(script)
    let channel = HTTP2Channel(to: server.address, on: loops)
    var outcome: Result<Message, RPCStatus>
    do { outcome = .success(try await channel.unary(method("Any"), [])) } catch {
      outcome = .failure(error)
    }
    await channel.close()
    try await server.close()
    return (outcome, server.requests)
  }

  @Test func refusedCallIsSentAgain() async throws {
    let (outcome, requests) = try await outcome { session, stream, number in
      if number > 2 { return Self.answer(session, stream) }
      stream.reset(.refusedStream)
      return .nothing
    }
    #expect(try outcome.get() == [7])
    #expect(requests == 3)
  }

  @Test func callThatIsRefusedForEverFailsAsNeverProcessed() async throws {
    let (outcome, requests) = try await outcome { _, stream, _ in
      stream.reset(.refusedStream)
      return .nothing
    }
    let error = #expect(throws: RPCStatus.self) { try outcome.get() }
    #expect(error?.code == .unavailable)
    #expect(error?.isNeverProcessed == true)
    #expect(requests == 5)
  }

  @Test func callThatMayHaveBeenSeenIsNotSentAgain() async throws {
    let (outcome, requests) = try await outcome { _, _, _ in .hangUp }
    let error = #expect(throws: RPCStatus.self) { try outcome.get() }
    #expect(error?.code == .unavailable)
    #expect(error?.isNeverProcessed == false)
    #expect(requests == 1)
  }

  @Test(
    arguments: [
      (.cancel, .cancelled), (.enhanceYourCalm, .resourceExhausted),
      (.inadequateSecurity, .permissionDenied), (.internalError, .internal),
    ] as [(HTTP2ErrorCode, RPCStatus.Code)])
  func resetDecidesTheStatus(_ reset: HTTP2ErrorCode, _ code: RPCStatus.Code) async throws {
    let (outcome, _) = try await outcome { _, stream, _ in
      stream.reset(reset)
      return .nothing
    }
    #expect(throws: RPCStatus(resetWith: reset.rawValue)) { try outcome.get() }
    #expect(RPCStatus(resetWith: reset.rawValue).code == code)
  }

  @Test func answerOfAWebServerIsMapped() async throws {
    let (outcome, _) = try await outcome { session, stream, _ in
      session.respondOnly(stream, HTTP2Headers([":status": "401", "content-type": "text/html"]))
      return .nothing
    }
    #expect(throws: RPCStatus(httpStatus: 401)) { try outcome.get() }
  }

  @Test func secondResponseOfAUnaryCallIsRefused() async throws {
    let (outcome, _) = try await outcome { session, stream, _ in
      session.respond(stream, HTTP2Headers([":status": "200", "content-type": "application/grpc"]))
      stream.write([0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
      stream.finish(trailers: HTTP2Headers(["grpc-status": "0"]))
      return .nothing
    }
    let error = #expect(throws: RPCStatus.self) { try outcome.get() }
    #expect(error?.code == .unimplemented)
  }

  @Test func callThatNeverLeftGoesOnHoweverManyConnectionsLeaveAtOnce() async throws {
    let leaving = HTTP2ChannelConfiguration().unseenRetriesMax + 2
    let server = try await ForeignServer { session, connection in
      if connection <= leaving { session.sendGoAway() }
    } _: { session, stream, _ in
      Self.answer(session, stream)
    }
    let channel = HTTP2Channel(to: server.address, on: loops)
    #expect(try await channel.unary(method("Any"), []) == [7])
    #expect(server.requests == 1)
    await channel.close()
    try await server.close()
  }

  @Test func callsGoOnAfterGoAway() async throws {
    let server = try await ForeignServer { session, stream, number in
      if number == 1 { session.sendGoAway() }
      return Self.answer(session, stream)
    }
    let channel = HTTP2Channel(to: server.address, on: loops)
    for _ in 0..<3 {
      let answer = try await channel.unary(method("Any"), [])
      #expect(answer == [7])
    }
    await channel.close()
    try await server.close()
  }
}
