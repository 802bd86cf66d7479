import NIOCore
import NIOPosix
import RPC
import RPCTransport
import Testing

@testable import HTTP1

@Suite(.timeLimit(.minutes(5))) struct HTTPServerTests {
  private static func service(_ more: [HTTPRoute]) -> HTTPService {
    HTTPService(HTTPRouter(routes + more)) { error, _ in
      let failure = error as? HTTPFailure ?? HTTPFailure(500, "")
      return HTTPResponse(failure.status, failure.fields, .bytes(Array(failure.message.utf8)))
    }
  }

  private static var routes: [HTTPRoute] {
    [
      HTTPRoute("GET", "/") { _ in HTTPResponse(type: "text/plain", "hello") },
      HTTPRoute("POST", "/") { HTTPResponse(200, [:], .bytes($0.body)) },
      HTTPRoute("GET", "/broken") { _ in
        HTTPResponse(
          200, [:],
          .stream(
            HTTPStream { writer in
              try await writer.write(Array("half".utf8))
              throw HTTPFailure(500, "the rest is missing")
            }))
      },
    ]
  }

  @Test func requestsShareAConnection() async throws {
    try await withServer { connect in
      let client = try await connect(true)
      try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try await client.read(until: "hello").hasPrefix("HTTP/1.1 200 OK\r\n"))
      try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
      #expect(try await client.read(until: "\r\n\r\nabc").contains("Content-Length: 3\r\n"))
    }
  }

  @Test func aBodyThatIsTooLongIsRefusedBeforeItIsRead() async throws {
    var limits = HTTPLimits()
    limits.bodyBytesMax = 3
    try await withServer(limits) { connect in
      let client = try await connect(true)
      try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n")
      let answer = try await client.read(until: "limit, 3 bytes")
      #expect(answer.hasPrefix("HTTP/1.1 413 "))
      #expect(answer.contains("Connection: close\r\n"))
    }
  }

  @Test func aRequestThatDoesNotArriveInTimeIsAnswered408() async throws {
    var limits = HTTPLimits()
    limits.requestTimeMax = .milliseconds(20)
    try await withServer(limits) { connect in
      let client = try await connect(true)
      try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab")
      #expect(try await client.read(until: "to arrive").hasPrefix("HTTP/1.1 408 "))
    }
  }

  @Test func anIdleConnectionIsClosed() async throws {
    var limits = HTTPLimits()
    limits.idleTimeMax = .milliseconds(20)
    try await withServer(limits) { connect in
      let client = try await connect(true)
      #expect(try await client.readToEnd() == "")
    }
  }

  @Test func aBrokenStreamDoesNotLookWhole() async throws {
    try await withServer { connect in
      let client = try await connect(true)
      try await client.send("GET /broken HTTP/1.1\r\nHost: a\r\n\r\n")
      let answer = try await client.readToEnd()
      #expect(answer.contains("half"))
      #expect(!answer.hasSuffix("0\r\n\r\n"))
    }
  }

  @Test func aClientThatReadsNothingIsWaitedForAndThenClosed() async throws {
    var limits = HTTPLimits()
    limits.stallTimeMax = .milliseconds(50)
    let (stopped, stop) = AsyncStream<Int>.makeStream()
    let flood = HTTPRoute("GET", "/flood") { _ in
      HTTPResponse(
        200, [:],
        .stream(
          HTTPStream { writer in
            var count = 0
            defer {
              stop.yield(count)
              stop.finish()
            }
            while true {
              try await writer.write([UInt8](repeating: 7, count: 64 << 10))
              count += 64 << 10
            }
          }))
    }
    try await withServer(limits, flood) { connect in
      let client = try await connect(false)
      try await client.send("GET /flood HTTP/1.1\r\nHost: a\r\n\r\n")
      for await count in stopped { #expect((1..<64 << 20).contains(count)) }
    }
  }

  @Test func aLimitOfConnectionsHolds() async throws {
    var limits = RPCLimits()
    limits.connectionsMax = 2
    limits.connectionsPerPeerMax = 1
    try await withServer(sharing: limits) { connect in
      let first = try await connect(true)
      try await first.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      _ = try await first.read(until: "hello")
      let second = try await connect(true)
      #expect(try await second.readToEnd() == "")
    }
  }

  private func withServer(
    _ limits: HTTPLimits = HTTPLimits(), _ more: HTTPRoute...,
    sharing capacity: RPCLimits = RPCLimits(),
    _ body: (_ connect: (_ isReading: Bool) async throws -> TestClient) async throws -> Void
  ) async throws {
    let loops = EventLoops(MultiThreadedEventLoopGroup.singleton)
    let server = HTTPServer(
      Self.service(more), limits, tls: nil, on: loops, sharing: ServerCapacity(capacity))
    guard case .tcp(let host, let port) = try await server.listen(host: "127.0.0.1", port: 0)
    else { return }
    let outcome: Result<Void, any Error>
    do {
      try await body { try await TestClient.connected(to: host, port, isReading: $0) }
      outcome = .success(())
    } catch {
      outcome = .failure(error)
    }
    await server.shutdown(grace: .zero)
    try outcome.get()
  }
}
