import Metrics
import NIOCore
import NIOHTTP1

/// One client's request for the metrics, and the answer.
final class MetricsConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let limits: MetricsLimits
  private let page: @Sendable () async -> String
  private var timer: Scheduled<Void>?
  private var request: HTTPRequestHead?
  private var bodyBytes = 0
  private var isAnswered = false

  init(_ limits: MetricsLimits, _ page: @escaping @Sendable () async -> String) {
    self.limits = limits
    self.page = page
  }

  func handlerAdded(context: ChannelHandlerContext) {
    timer = context.eventLoop.assumeIsolated().scheduleTask(in: limits.connectionTime) {
      context.close(promise: nil)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    timer = nil
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    // What follows the first request is for nobody.
    guard !isAnswered else { return }
    switch unwrapInboundIn(data) {
    case .head(let head): request = head
    case .body(let bytes):
      bodyBytes += bytes.readableBytes
      if bodyBytes > limits.bodyBytesMax { context.close(promise: nil) }
    case .end:
      guard let request else { return }
      isAnswered = true
      answer(request, context)
    }
  }

  /// What cannot be read, and a handshake that failed, end the connection.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private func answer(_ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
    guard request.uri.prefix(while: { $0 != "?" }) == "/metrics" else {
      return send(.notFound, "metrics are at /metrics\n", to: request, context)
    }
    guard request.method == .GET || request.method == .HEAD else {
      return send(
        .methodNotAllowed, "metrics can only be read\n", to: request, context,
        [("Allow", "GET, HEAD")])
    }
    // Not on the loop, which serves calls meanwhile.
    let text = context.eventLoop.makeFutureWithTask { [page] in await page() }
    text.assumeIsolated().whenSuccess { [self] text in
      send(.ok, text, to: request, context, type: Exposition.contentType)
    }
  }

  private func send(
    _ status: HTTPResponseStatus, _ text: String, to request: HTTPRequestHead,
    _ context: ChannelHandlerContext, _ headers: [(String, String)] = [],
    type: String = "text/plain; charset=utf-8"
  ) {
    let body = context.channel.allocator.buffer(string: text)
    let headers = HTTPHeaders(
      headers + [
        ("Content-Type", type), ("Content-Length", String(body.readableBytes)),
        ("Connection", "close"),
      ])
    let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if request.method != .HEAD {
      context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    }
    let sent = context.eventLoop.makePromise(of: Void.self)
    sent.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: sent)
  }
}
