import NIOCore
import NIOHTTP1
import RPC
import RPCTransport
import Synchronization

/// The request: from its head to its handler.
extension HTTPConnection {
  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): begin(head, context)
    case .body(let bytes): take(bytes)
    case .end: receivedEnd()
    }
  }

  private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    requestCount += 1
    let isLast = !head.isKeepAlive || requestCount == limits.requestsPerConnectionMax
    exchange = HTTPExchange(head: head, isLast: isLast)
    after(limits.requestTimeMax) { connection in
      connection.refuse(HTTPFailure(408, "the request took too long to arrive"))
    }
    do throws(HTTPFailure) {
      var request = HTTPRequest(
        method: head.method.rawValue, target: try HTTPTarget(head.uri),
        fields: HTTPFields(head.headers), peer: peer, caller: Caller(ofConnection: context))
      let writer = HTTPBodyWriter(
        NIOLoopBound(self, eventLoop: context.eventLoop), on: context.eventLoop)
      request.holding = { await writer.hold($0) }
      defer { exchange?.request = request }
      exchange?.handle = try service.router.route(&request)
      try check(head)
    } catch {
      exchange?.handle = nil
      if head.announcesBody { refuse(error) } else { exchange?.failure = error }
    }
  }

  private func check(_ head: HTTPRequestHead) throws(HTTPFailure) {
    if head.version == .http1_1, head.headers["host"].count != 1 {
      throw HTTPFailure(400, "a request has one header field Host")
    }
    let length = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
    guard length <= limits.bodyBytesMax else { throw tooLong }
    guard let expected = head.headers.first(name: "expect") else { return }
    guard expected.lowercased() == "100-continue" else {
      throw HTTPFailure(417, "only 100-continue can be expected")
    }
    let response = HTTPResponseHead(version: .http1_1, status: .continue)
    context?.writeAndFlush(wrapOutboundOut(.head(response)), promise: nil)
  }

  private func take(_ bytes: ByteBuffer) {
    guard exchange?.handle != nil, let size = exchange?.request?.body.count else { return }
    guard size + bytes.readableBytes <= limits.bodyBytesMax else { return refuse(tooLong) }
    guard hold(bytes.readableBytes) else { return refuse(.noRoom) }
    exchange?.request?.body.append(contentsOf: bytes.readableBytesView)
  }

  private func receivedEnd() {
    exchange?.isReceived = true
    guard let exchange else { return }
    if let request = exchange.request, let handle = exchange.handle {
      timer?.cancel()
      answer(request) { try await handle(request) }
    } else if let failure = exchange.failure {
      timer?.cancel()
      answer(exchange.request) { throw failure }
    } else if exchange.isAnswered {
      // It was refused before it was complete. A pending answer closes the connection by itself.
      close()
    }
  }

  /// Answers before the request is complete. Discards the rest of it.
  func refuse(_ failure: HTTPFailure) {
    guard let exchange, !exchange.isAnswering else { return close() }
    self.exchange?.handle = nil
    self.exchange?.isLast = true
    timer?.cancel()
    answer(exchange.request) { throw failure }
  }

  private var tooLong: HTTPFailure {
    HTTPFailure(413, "the body is longer than the limit, \(limits.bodyBytesMax) bytes")
  }

  /// Counts bytes for the process until the exchange ends. False if the limit is reached.
  func hold(_ count: Int) -> Bool {
    guard exchange != nil else { return false }
    exchange?.heldBytes += count
    gauges.heldBytes.add(count, ordering: .relaxed)
    return memory.take(count)
  }
}

extension HTTPRequestHead {
  /// True if a body follows (RFC 9112 section 6.3).
  fileprivate var announcesBody: Bool {
    headers.contains(name: "transfer-encoding")
      || headers.first(name: "content-length").map { $0 != "0" } ?? false
  }
}

extension HTTPFields {
  fileprivate init(_ headers: HTTPHeaders) { self.init(headers.map { ($0.name, $0.value) }) }
}
