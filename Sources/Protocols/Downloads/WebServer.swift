import NIOCore
import NIOHTTP1
import NIOPosix
import RPCTransport

/// A server that is asked by HTTP/1.1 (RFC 9112) for documents, or to keep some: one connection for
/// each request.
package struct WebServer: Sendable {
  private let host: String
  private let port: Int
  /// As the header `host` names it.
  private let authority: String
  private let tls: ClientTLS?

  /// - Parameter tls: nil: not secured. Its protocol is "http/1.1".
  package init(host: String, port: Int, authority: String, tls: ClientTLS?) {
    self.host = host
    self.port = port
    self.authority = authority
    self.tls = tls
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
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let answer = loop.makePromise(of: NIOHTTPClientResponseFull.self)
    let timer = loop.scheduleTask(in: TimeAmount(timeout)) {
      answer.fail(DownloadError("there is no answer within \(timeout)"))
    }
    var head = HTTPRequestHead(
      version: .http1_1, method: HTTPMethod(rawValue: method), uri: path,
      headers: HTTPHeaders([("host", authority)] + headers + [("connection", "close")]))
    if !body.isEmpty { head.headers.add(name: "content-length", value: "\(body.count)") }
    let request = Request(head: head, body: body)
    ClientBootstrap(group: loop)
      .connectTimeout(min(TimeAmount(timeout), .seconds(10)))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try tls?.secure(channel, to: .tcp(host: host, port: port))
          try pipeline.addHTTPClientHandlers()
          try pipeline.addHandler(NIOHTTPClientResponseAggregator(maxContentLength: byteCountMax))
          try pipeline.addHandler(Exchange(request, answer))
        }
      }
      .connect(host: host, port: port)
      .whenComplete { result in
        switch result {
        case .success(let channel):
          answer.futureResult.whenComplete { _ in channel.close(promise: nil) }
        case .failure(let error): answer.fail(DownloadError(reason(error)))
        }
      }
    defer { timer.cancel() }
    return try await withTaskCancellationHandler {
      WebAnswer(try await answer.futureResult.get())
    } onCancel: {
      answer.fail(CancellationError())
    }
  }
}

/// What a server answers.
package struct WebAnswer: Sendable {
  package let code: Int
  /// The code, and the words that go with it.
  package let status: String
  package let body: [UInt8]
  private let headers: HTTPHeaders

  init(_ response: NIOHTTPClientResponseFull) {
    code = Int(response.head.status.code)
    status = "\(response.head.status)"
    headers = response.head.headers
    body = Array((response.body ?? ByteBuffer()).readableBytesView)
  }

  /// The first value of a header.
  package func header(_ name: String) -> String? { headers.first(name: name) }
}

/// Why there is no answer.
package struct DownloadError: Error, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}

private struct Request: Sendable {
  let head: HTTPRequestHead
  let body: [UInt8]
}

/// One request, and what is answered to it.
private final class Exchange: ChannelInboundHandler {
  typealias InboundIn = NIOHTTPClientResponseFull
  typealias OutboundOut = HTTPClientRequestPart

  private let request: Request
  private let answer: EventLoopPromise<NIOHTTPClientResponseFull>

  init(_ request: Request, _ answer: EventLoopPromise<NIOHTTPClientResponseFull>) {
    self.request = request
    self.answer = answer
  }

  func channelActive(context: ChannelHandlerContext) {
    context.write(wrapOutboundOut(.head(request.head)), promise: nil)
    if !request.body.isEmpty {
      let body = context.channel.allocator.buffer(bytes: request.body)
      context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    answer.succeed(unwrapInboundIn(data))
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    let isTooLong = error as? NIOHTTPObjectAggregatorError == .frameTooLong
    answer.fail(DownloadError(isTooLong ? "the answer is too long" : reason(error)))
  }

  func channelInactive(context: ChannelHandlerContext) {
    answer.fail(DownloadError("the server closed the connection before its answer was whole"))
  }
}
