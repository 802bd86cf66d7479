import NIOCore
import NIOHTTP1
import RPCTransport

/// A client's connection: one request at a time, and its answer.
///
/// The pipeline handler before this one holds back a request until the previous answer has ended
/// (RFC 9112 section 9.3.2).
final class HTTPConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  let service: HTTPService
  let limits: HTTPLimits
  let executor: any TaskExecutor
  let memory: MemoryShare
  let gauges: HTTPGauges

  var context: ChannelHandlerContext?
  var peer = ""
  var exchange: HTTPExchange?
  var requestCount = 0
  var isDraining = false
  /// Called once the socket takes more, with true if the connection is still open.
  var whoWaits: (@Sendable (Bool) -> Void)?
  /// Bytes charged to the waiting write.
  var waitingBytes = 0
  var timer: Scheduled<Void>?
  private var lifeTimer: Scheduled<Void>?
  var heartbeat: Scheduled<Void>?
  var hasWritten = false

  init(
    _ service: HTTPService, _ limits: HTTPLimits, _ executor: any TaskExecutor,
    _ memory: MemoryShare, _ gauges: HTTPGauges
  ) {
    self.service = service
    self.limits = limits
    self.executor = executor
    self.memory = memory
    self.gauges = gauges
  }

  // MARK: The connection

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    peer = Address(context.remoteAddress)?.description ?? "unknown"
    after(limits.idleTimeMax) { $0.close() }
    guard let life = limits.connectionTimeMax else { return }
    lifeTimer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(life)) {
      self.close()
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    exchange?.task?.cancel()
    end()
    exchange = nil
    timer?.cancel()
    lifeTimer?.cancel()
    self.context = nil
    whoWaits?(false)
    whoWaits = nil
    context.fireChannelInactive()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable, let waiting = whoWaits {
      whoWaits = nil
      release(waitingBytes)
      waitingBytes = 0
      timer?.cancel()
      waiting(true)
    }
    context.fireChannelWritabilityChanged()
  }

  /// A malformed request is answered once and ends the connection; so does a failed handshake.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if let exchange, exchange.isRefused { return }
    guard error is HTTPParserError, exchange == nil else { return context.close(promise: nil) }
    let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")
    exchange = HTTPExchange(head: head, isLast: true)
    refuse(HTTPFailure(400, "this is not an HTTP/1.1 request, or it has too many header fields"))
  }

  /// Ends a stream, completes the current answer, and closes.
  func drain() {
    isDraining = true
    guard let exchange else { return close() }
    if heartbeat != nil { exchange.task?.cancel() }
  }

  func close() { context?.close(promise: nil) }

  func after(_ time: Duration, _ act: @escaping (HTTPConnection) -> Void) {
    timer?.cancel()
    timer = context?.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(time)) { act(self) }
  }
}
