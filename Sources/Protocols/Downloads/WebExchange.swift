import NIOCore
import NIOHTTP1
import RPCTransport
import Synchronization

/// One request and its outcome. The first of answer, failure and timeout wins.
final class WebExchange: Sendable {
  let head: HTTPRequestHead
  let body: [UInt8]
  let byteCountMax: Int
  private let promise: EventLoopPromise<WebAnswer>
  private let state = Mutex(State())

  private struct State {
    var isOver = false
    var timer: Scheduled<Void>?
    /// The request's connection, and whether it carried earlier requests.
    var connection: (any Channel)?
    var isReused = false
    var wasRepeated = false
  }

  /// - Parameter loop: runs the timeout and the completion.
  init(
    _ head: HTTPRequestHead, _ body: [UInt8], timeout: Duration, byteCountMax: Int,
    on loop: any EventLoop
  ) {
    self.head = head
    self.body = body
    self.byteCountMax = byteCountMax
    promise = loop.makePromise()
    let timer = loop.scheduleTask(in: TimeAmount(timeout)) { [weak self] () -> Void in
      self?.fail(DownloadError(.timedOut, "there is no answer within \(timeout)"))
    }
    state.withLock { $0.timer = timer }
  }

  func answer() async throws -> WebAnswer { try await promise.futureResult.get() }

  var isOver: Bool { state.withLock(\.isOver) }

  /// The request is about to be sent on a connection. False: the exchange has ended.
  func begin(on connection: any Channel, isReused: Bool) -> Bool {
    state.withLock { state in
      if state.isOver { return false }
      (state.connection, state.isReused) = (connection, isReused)
      return true
    }
  }

  /// The connection broke. Returns true, once, if the request may be resent: the server may have
  /// closed an idle connection.
  func mayBeRepeated() -> Bool {
    state.withLock { state in
      guard !state.isOver, state.isReused, !state.wasRepeated else { return false }
      (state.connection, state.wasRepeated) = (nil, true)
      return true
    }
  }

  /// Completes the exchange. Returns false if it had ended; its connection is closed then.
  ///
  /// - Parameter letGo: called first, so that the caller can reuse the connection.
  func succeed(_ answer: WebAnswer, _ letGo: () -> Void) -> Bool {
    guard end() != nil else { return false }
    letGo()
    promise.succeed(answer)
    return true
  }

  /// Ends the exchange without an answer, and closes its connection: the answer might still
  /// arrive.
  func fail(_ error: any Error) {
    guard let ended = end() else { return }
    promise.fail(error)
    ended.connection?.close(promise: nil)
  }

  /// Nil: the exchange had ended.
  private func end() -> State? {
    let ended = state.withLock { state -> State? in
      if state.isOver { return nil }
      defer { (state.isOver, state.timer, state.connection) = (true, nil, nil) }
      return state
    }
    ended?.timer?.cancel()
    return ended
  }
}

/// Runs the exchanges that are written to a connection, one after the other.
final class WebExchangeHandler: ChannelDuplexHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundIn = WebExchange
  typealias OutboundOut = HTTPClientRequestPart

  private let connections: WebConnections
  private var exchange: WebExchange?
  private var head: HTTPResponseHead?
  private var body: [UInt8] = []

  init(of connections: WebConnections) { self.connections = connections }

  func channelActive(context: ChannelHandlerContext) { connections.opened(context.channel) }

  /// Completes the promise once this handler owns the exchange.
  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let exchange = unwrapOutboundIn(data)
    self.exchange = exchange
    promise?.succeed()
    context.write(wrapOutboundOut(.head(exchange.head)), promise: nil)
    if !exchange.body.isEmpty {
      let body = context.channel.allocator.buffer(bytes: exchange.body)
      context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    }
    context.write(wrapOutboundOut(.end(nil)), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    // An unsolicited answer.
    guard let exchange else { return context.close(promise: nil) }
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      let length = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
      if length > exchange.byteCountMax { refuseLength(exchange) }
    case .body(let part):
      if body.count + part.readableBytes > exchange.byteCountMax { return refuseLength(exchange) }
      body += part.readableBytesView
    case .end:
      guard let head else { return }
      finish(exchange, WebAnswer(head, body), isKeptAlive: head.isKeepAlive, context)
    }
  }

  private func refuseLength(_ exchange: WebExchange) {
    exchange.fail(
      DownloadError(.tooLong, "the answer is longer than \(exchange.byteCountMax) bytes"))
  }

  private func finish(
    _ exchange: WebExchange, _ answer: WebAnswer, isKeptAlive: Bool,
    _ context: ChannelHandlerContext
  ) {
    (self.exchange, head, body) = (nil, nil, [])
    let isKept = isKeptAlive && connections.areKept
    let isWhole = exchange.succeed(answer) { if isKept { connections.free(context.channel) } }
    if !isWhole || !isKept { context.close(promise: nil) }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is IdleStateHandler.IdleStateEvent, exchange == nil { context.close(promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    interrupt(DownloadError(DownloadError.Kind(of: error), reason(error)))
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    connections.closed(context.channel)
    interrupt(
      DownloadError(
        .interrupted, "the server closed the connection before its answer was whole"))
  }

  private func interrupt(_ error: DownloadError) {
    guard let exchange else { return }
    self.exchange = nil
    error.kind == .interrupted ? connections.interrupted(exchange, error) : exchange.fail(error)
  }
}

extension DownloadError.Kind {
  fileprivate init(of error: any Error) {
    switch error {
    case HTTPParserError.invalidEOFState: self = .interrupted
    case is HTTPParserError: self = .malformed
    default: self = .interrupted
    }
  }
}
