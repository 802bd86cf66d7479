import NIOCore
import NIOHTTP1
import RPCTransport
import Synchronization

/// One request, and what is answered to it. Whoever ends it first decides how.
final class WebExchange: Sendable {
  let head: HTTPRequestHead
  let body: [UInt8]
  let byteCountMax: Int
  private let promise: EventLoopPromise<WebAnswer>
  private let state = Mutex(State())

  private struct State {
    var isOver = false
    var timer: Scheduled<Void>?
    /// The connection that the request went out on, and whether others went before.
    var connection: (any Channel)?
    var isReused = false
    var wasRepeated = false
  }

  /// - Parameter loop: where the time is counted, and the answer is handed over.
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

  /// The request is about to go out on a connection. False: nobody waits for its answer any more.
  func begin(on connection: any Channel, isReused: Bool) -> Bool {
    state.withLock { state in
      if state.isOver { return false }
      (state.connection, state.isReused) = (connection, isReused)
      return true
    }
  }

  /// Its connection broke. True, once: the server may have closed the connection for having been
  /// idle, and the request is to go out on another.
  func mayBeRepeated() -> Bool {
    state.withLock { state in
      guard !state.isOver, state.isReused, !state.wasRepeated else { return false }
      (state.connection, state.wasRepeated) = (nil, true)
      return true
    }
  }

  /// False: it was over already, and its connection is closed.
  ///
  /// - Parameter letGo: is called first: whoever has the answer may ask again at once, on the same
  ///   connection.
  func succeed(_ answer: WebAnswer, _ letGo: () -> Void) -> Bool {
    guard end() != nil else { return false }
    letGo()
    promise.succeed(answer)
    return true
  }

  /// Ends it without an answer. Its connection is closed: the answer might still come.
  func fail(_ error: any Error) {
    guard let ended = end() else { return }
    promise.fail(error)
    ended.connection?.close(promise: nil)
  }

  /// Nil: it was over already.
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

/// Carries out the exchanges that are written into a connection, one after the other.
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

  /// The promise is kept as soon as the exchange is this handler's own.
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
    // An answer to nothing that was asked.
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
