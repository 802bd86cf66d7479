import HTTP1
import RPC
import RPCTransport
import Synchronization

/// A server with pages of every kind, and the requests that it got.
final class Site: Sendable {
  private let received = Mutex<[HTTPRequest]>([])
  /// An element for each request to `/silence`.
  private let (arrivals, arrived) = AsyncStream<Void>.makeStream()
  /// Without elements and without an end.
  private let (silence, silent) = AsyncStream<Never>.makeStream()

  private static let pages: [(path: String, answer: HTTPResponse)] = [
    ("/text", HTTPResponse(type: "text/plain", "hello")),
    ("/gone", HTTPResponse(410, type: "text/plain", "gone")),
    ("/moved", HTTPResponse(302, ["Location": "/text"])),
    ("/chunks", page { try await $0.write(Array("hello".utf8)) }),
    (
      "/half",
      page {
        try await $0.write(Array("half".utf8))
        throw HTTPFailure(500, "the rest is missing")
      }
    ),
    ("/malformed", page(["Content-Length": "-1"]) { _ in }),
  ]

  private static func page(
    _ fields: HTTPFields = [:], _ write: @escaping @Sendable (HTTPBodyWriter) async throws -> Void
  ) -> HTTPResponse {
    HTTPResponse(200, fields, .stream(HTTPStream(write)))
  }

  private var routes: [HTTPRoute] {
    Self.pages.map { path, answer in
      HTTPRoute("GET", path) { [self] request in
        note(request)
        return answer
      }
    } + [
      HTTPRoute("POST", "/echo") { [self] request in
        note(request)
        return HTTPResponse(200, [:], .bytes(request.body))
      },
      HTTPRoute("GET", "/silence") { [self] request in
        note(request)
        arrived.yield()
        for await _ in silence {}
        throw CancellationError()
      },
    ]
  }

  private func note(_ request: HTTPRequest) { received.withLock { $0.append(request) } }

  var requests: [HTTPRequest] { received.withLock(\.self) }

  /// The paths of the requests, in their order.
  var paths: [String] { requests.map { "/" + $0.target.segments.joined(separator: "/") } }

  /// The clients' ends of the connections that had requests.
  var peers: Set<String> { Set(requests.map(\.peer)) }

  /// Returns once `/silence` is asked for.
  func isAskedForSilence() async { for await _ in arrivals { return } }

  /// Runs the body with the address of a site, then ends the site.
  static func with(_ body: (Site, Address) async throws -> Void) async throws {
    let site = Site()
    let service = HTTPService(HTTPRouter(site.routes)) { _, _ in HTTPResponse(500) }
    let server = HTTPServer(
      service, HTTPLimits(), tls: nil, on: EventLoops(.singleton),
      sharing: ServerCapacity(RPCLimits()))
    let address = try await server.listen(host: "127.0.0.1", port: 0)
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await body(site, address)) } catch { outcome = .failure(error) }
    await server.shutdown(grace: .zero)
    try outcome.get()
  }
}
