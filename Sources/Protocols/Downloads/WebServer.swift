import NIOCore
import NIOHTTP1
import NIOPosix
import RPCTransport

/// A server that is asked by HTTP/1.1 (RFC 9112): for documents, to keep some, or for an answer.
package struct WebServer: Sendable {
  private let authority: String
  private let connections: WebConnections

  /// One connection for each request.
  ///
  /// - Parameters:
  ///   - authority: the server as the header `host` names it.
  ///   - tls: nil: not secured. Its protocol is "http/1.1".
  package init(host: String, port: Int, authority: String, tls: ClientTLS?) {
    self.init(
      at: .tcp(host: host, port: port), authority: authority, tls: tls,
      on: .singleton, keeping: nil)
  }

  /// Connections that are used for one request after the other.
  ///
  /// A request whose kept connection breaks is sent once more, by a new one (RFC 9110 section
  /// 9.2.2): it must do no harm to be carried out twice.
  ///
  /// - Parameter count: how many connections there are at most; further requests wait.
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

  /// What the server answers to a GET; see `send`.
  package func get(
    _ path: String, headers: [(name: String, value: String)] = [], timeout: Duration,
    byteCountMax: Int = 1 << 20
  ) async throws -> WebAnswer {
    try await send("GET", path, headers: headers, timeout: timeout, byteCountMax: byteCountMax)
  }

  /// What the server answers; a redirection is not followed.
  ///
  /// Throws `DownloadError` if there is no whole answer within `timeout`, or if its body is longer
  /// than `byteCountMax`; `CancellationError` as soon as the task is cancelled.
  ///
  /// - Parameters:
  ///   - path: with the query; printable ASCII.
  ///   - headers: without `host`.
  ///   - body: empty: none.
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

  /// Closes all connections. What is under way fails, and so does what is sent afterwards.
  package func close() { connections.close() }
}

/// What a server answers.
package struct WebAnswer: Sendable {
  package let code: Int
  /// The code, and the words that go with it.
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

/// Why there is no answer.
package struct DownloadError: Error, CustomStringConvertible {
  package enum Kind: Sendable {
    /// There is no connection: the request was not sent.
    case unreachable
    /// The connection broke before the answer was whole.
    case interrupted
    case timedOut
    case tooLong
    /// What came is not HTTP.
    case malformed
  }

  package let kind: Kind
  package let description: String

  init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
