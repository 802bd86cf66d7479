import NIOCore
import NIOHTTP1
import NIOPosix
import RPCTransport

/// An HTTP/1.1 client of one server (RFC 9112).
package struct WebServer: Sendable {
  private let authority: String
  private let connections: WebConnections

  /// Opens one connection for each request.
  ///
  /// - Parameters:
  ///   - authority: the server's name in the `host` header.
  ///   - tls: nil: without TLS. Its protocol is "http/1.1".
  package init(host: String, port: Int, authority: String, tls: ClientTLS?) {
    self.init(
      at: .tcp(host: host, port: port), authority: authority, tls: tls,
      on: .singleton, keeping: nil)
  }

  /// Reuses connections.
  ///
  /// If a reused connection breaks, the request is sent once more on a new one (RFC 9110 section
  /// 9.2.2): so requests must be idempotent.
  ///
  /// - Parameter count: the most connections; further requests wait.
  package init(
    at address: Address, authority: String, tls: ClientTLS?, on loops: EventLoops,
    keepingConnections count: Int
  ) {
    self.init(at: address, authority: authority, tls: tls, on: loops.group, keeping: count)
  }

  private init(
    at address: Address, authority: String, tls: ClientTLS?,
    on group: MultiThreadedEventLoopGroup, keeping count: Int?
  ) {
    self.authority = authority
    connections = WebConnections(to: address, tls: tls, on: group, keeping: count)
  }

  /// The answer to a GET; see `send`.
  package func get(
    _ path: String, headers: [(name: String, value: String)] = [], timeout: Duration,
    byteCountMax: Int = 1 << 20
  ) async throws -> WebAnswer {
    try await send("GET", path, headers: headers, timeout: timeout, byteCountMax: byteCountMax)
  }

  /// The answer to a request. Does not follow redirections.
  ///
  /// Throws `DownloadError` if there is no complete answer within `timeout`, or if its body is
  /// longer than `byteCountMax`; `CancellationError` as soon as the task is cancelled.
  ///
  /// - Parameters:
  ///   - path: the path with the query; printable ASCII.
  ///   - headers: all but `host`.
  ///   - body: empty: no body.
  package func send(
    _ method: String, _ path: String, headers: [(name: String, value: String)] = [],
    body: [UInt8] = [], timeout: Duration, byteCountMax: Int
  ) async throws -> WebAnswer {
    var head = HTTPRequestHead(
      version: .http1_1, method: HTTPMethod(rawValue: method), uri: path,
      headers: HTTPHeaders([("host", authority)] + headers))
    if !connections.areKept { head.headers.add(name: "connection", value: "close") }
    if !body.isEmpty || method == "POST" {
      head.headers.add(name: "content-length", value: "\(body.count)")
    }
    let exchange = WebExchange(
      head, body, timeout: timeout, byteCountMax: byteCountMax, on: connections.loop)
    connections.start(exchange)
    return try await withTaskCancellationHandler {
      try await exchange.answer()
    } onCancel: {
      exchange.fail(CancellationError())
    }
  }

  /// Closes all connections. Running requests fail, and so do later ones.
  package func close() { connections.close() }
}

/// A server's answer.
package struct WebAnswer: Sendable {
  package let code: Int
  /// The status code and its reason phrase.
  package let status: String
  package let body: [UInt8]
  private let headers: HTTPHeaders

  init(_ head: HTTPResponseHead, _ body: [UInt8]) {
    code = Int(head.status.code)
    status = "\(head.status)"
    headers = head.headers
    self.body = body
  }

  /// The first value of a header.
  package func header(_ name: String) -> String? { headers.first(name: name) }
}

/// Why a request has no answer.
package struct DownloadError: Error, CustomStringConvertible {
  package enum Kind: Sendable {
    /// No connection: the request was not sent.
    case unreachable
    /// The connection broke before the answer was complete.
    case interrupted
    case timedOut
    case tooLong
    /// The answer is not HTTP.
    case malformed
  }

  package let kind: Kind
  package let description: String

  init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
