import NIOCore
import NIOHTTP1
import RPC
import RPCTransport
import Synchronization

/// A client's connection: one request at a time, and its answer.
///
/// The pipeline handler before this one holds back a request until the answer to the one before it
/// has ended (RFC 9112 section 9.3.2).
final class HTTPConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let service: HTTPService
  private let limits: HTTPLimits
  private let executor: any TaskExecutor
  private let memory: MemoryShare
  private let gauges: HTTPGauges

  private var context: ChannelHandlerContext?
  private var peer = ""
  private var exchange: Exchange?
  private var requestCount = 0
  private var isDraining = false
  /// Told whether the connection is open still, once the socket takes more.
  private var whoWaits: (@Sendable (Bool) -> Void)?
  /// What the one who waits counts for.
  private var waitingBytes = 0
  private var timer: Scheduled<Void>?
  private var lifeTimer: Scheduled<Void>?
  private var heartbeat: Scheduled<Void>?
  private var hasWritten = false

  /// A request and what becomes of it.
  private struct Exchange {
    let head: HTTPRequestHead
    /// Nil: nobody knows what it is for.
    var request: HTTPRequest?
    /// Nil: it is refused, and the rest of it is thrown away.
    var handle: HTTPRoute.Handler?
    /// What is answered when the request is whole.
    var failure: HTTPFailure?
    var task: Task<Void, Never>?
    var heldBytes = 0
    var isReceived = false
    var isAnswering = false
    var isAnswered = false
    /// Whether no other request may follow on the connection.
    var isLast: Bool

    /// Whether what still comes of it is thrown away.
    var isRefused: Bool { isAnswering && !isReceived }
  }

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

  /// What cannot be read is answered once, and ends the connection; so does a failed handshake.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if let exchange, exchange.isRefused { return }
    guard error is HTTPParserError, exchange == nil else { return context.close(promise: nil) }
    let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")
    exchange = Exchange(head: head, isLast: true)
    refuse(HTTPFailure(400, "this is no request of HTTP/1.1, or it has too many header fields"))
  }

  /// Ends a stream, lets the answer under way go out, and closes.
  func drain() {
    isDraining = true
    guard let exchange else { return close() }
    if heartbeat != nil { exchange.task?.cancel() }
  }

  func close() { context?.close(promise: nil) }

  private func after(_ time: Duration, _ act: @escaping (HTTPConnection) -> Void) {
    timer?.cancel()
    timer = context?.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(time)) { act(self) }
  }

  // MARK: The request

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
    exchange = Exchange(head: head, isLast: isLast)
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
      // It was refused before it was whole. An answer that has not gone out yet closes by itself.
      close()
    }
  }

  /// Answers before the request is whole. What follows of it is thrown away.
  private func refuse(_ failure: HTTPFailure) {
    guard let exchange, !exchange.isAnswering else { return close() }
    self.exchange?.handle = nil
    self.exchange?.isLast = true
    timer?.cancel()
    answer(exchange.request) { throw failure }
  }

  private var tooLong: HTTPFailure {
    HTTPFailure(413, "the body is longer than the limit, \(limits.bodyBytesMax) bytes")
  }

  /// Counts bytes for the process until the exchange has ended. False if it may not hold them.
  func hold(_ count: Int) -> Bool {
    guard exchange != nil else { return false }
    exchange?.heldBytes += count
    gauges.heldBytes.add(count, ordering: .relaxed)
    return memory.take(count)
  }

  // MARK: The answer

  private func answer(
    _ request: HTTPRequest?, _ handle: @escaping @Sendable () async throws -> HTTPResponse
  ) {
    guard let context else { return }
    exchange?.isAnswering = true
    let connection = NIOLoopBound(self, eventLoop: context.eventLoop)
    let writer = HTTPBodyWriter(connection, on: context.eventLoop)
    let service = service
    let run: @Sendable () async -> Void = {
      var response: HTTPResponse
      do { response = try await handle() } catch {
        response = service.failed(error, request)
      }
      if let request { service.finish(request, &response) }
      service.answered(request, response.status)
      await Self.send(response, to: request, writer)
    }
    let task = Task(executorPreference: executor, operation: run)
    if exchange?.isAnswered == false { exchange?.task = task }
  }

  private static func send(
    _ response: HTTPResponse, to request: HTTPRequest?, _ writer: HTTPBodyWriter
  ) async {
    let isHead = request?.method == "HEAD"
    writer.run { $0.write(headOf: response) }
    do {
      switch response.body {
      case .bytes(let bytes): if !isHead { try await writer.write(bytes) }
      case .stream(let stream):
        if !isHead {
          writer.run { $0.beginStream(stream) }
          try await stream.write(writer)
        }
      }
      writer.run { $0.writeEnd() }
    } catch is CancellationError {
      // Of a client that left, or by a shutdown, which ends a stream in good order.
      writer.run { $0.isDraining ? $0.writeEnd() : $0.close() }
    } catch {
      writer.run { $0.close() }
    }
  }

  private func write(headOf response: HTTPResponse) {
    guard let context, let exchange else { return }
    var headers = HTTPHeaders(response.fields.fields.map { ($0.name, $0.value) })
    switch response.body {
    case .bytes(let bytes) where response.status != 204 && response.status != 304:
      headers.replaceOrAdd(name: "Content-Length", value: String(bytes.count))
    case .bytes: break
    // HTTP/1.0 has no other end of a body than the connection's.
    case .stream: if exchange.head.version != .http1_1 { self.exchange?.isLast = true }
    }
    if isDraining { self.exchange?.isLast = true }
    if self.exchange?.isLast == true {
      headers.replaceOrAdd(name: "Connection", value: "close")
    } else if exchange.head.version != .http1_1 {
      headers.replaceOrAdd(name: "Connection", value: "keep-alive")
    }
    let head = HTTPResponseHead(
      version: exchange.head.version == .http1_0 ? .http1_0 : .http1_1,
      status: HTTPResponseStatus(statusCode: response.status), headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
  }

  private func beginStream(_ stream: HTTPStream) {
    guard let context, exchange != nil else { return }
    context.flush()
    gauges.streams.add(1, ordering: .relaxed)
    beatLater(stream.heartbeat ?? [])
    if isDraining { exchange?.task?.cancel() }
  }

  /// A client that left without a word is noticed when something is written to it.
  private func beatLater(_ bytes: [UInt8]) {
    let interval = TimeAmount(limits.heartbeatInterval)
    heartbeat = context?.eventLoop.assumeIsolated().scheduleTask(in: interval) { [self] in
      beatLater(bytes)
      if !hasWritten, whoWaits == nil, !bytes.isEmpty { write(bytes) { _ in } }
      hasWritten = false
    }
  }

  /// Sends a part of the body; says whether the connection is open still, once the socket takes
  /// more.
  func write(_ bytes: [UInt8], then done: @escaping @Sendable (Bool) -> Void) {
    guard let context, exchange?.isAnswered == false else { return done(false) }
    hasWritten = true
    let buffer = context.channel.allocator.buffer(bytes: bytes)
    context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
    if context.channel.isWritable { return done(true) }
    release(waitingBytes)
    waitingBytes = limits.stalledCopies * bytes.count
    guard hold(waitingBytes) else {
      close()
      return done(false)
    }
    whoWaits = done
    after(limits.stallTimeMax) { $0.close() }
  }

  private func writeEnd() {
    guard let context, exchange?.isAnswered == false else { return }
    exchange?.isAnswered = true
    exchange?.task = nil
    if isDraining { exchange?.isLast = true }
    end()
    let isReceived = exchange?.isReceived == true
    if isReceived, exchange?.isLast == true {
      let sent = context.eventLoop.makePromise(of: Void.self)
      sent.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
      return context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: sent)
    }
    if isReceived { exchange = nil }
    after(isReceived ? limits.idleTimeMax : limits.lingerTimeMax) { $0.close() }
    // The next request may come within this call.
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  private func release(_ count: Int) {
    memory.giveBack(count)
    gauges.heldBytes.subtract(count, ordering: .relaxed)
    exchange?.heldBytes -= count
  }

  /// Gives back what the exchange held.
  private func end() {
    if heartbeat != nil { gauges.streams.subtract(1, ordering: .relaxed) }
    heartbeat?.cancel()
    heartbeat = nil
    waitingBytes = 0
    release(exchange?.heldBytes ?? 0)
  }
}

extension HTTPRequestHead {
  /// Whether more follows than the end (RFC 9112 section 6.3).
  fileprivate var announcesBody: Bool {
    headers.contains(name: "transfer-encoding")
      || headers.first(name: "content-length").map { $0 != "0" } ?? false
  }
}

extension HTTPFields {
  init(_ headers: HTTPHeaders) { self.init(headers.map { ($0.name, $0.value) }) }
}
