import HTTP2
import NIOCore
import RPC

/// One call at the server, from its headers to its status.
///
/// A unary call takes the short way: its message is kept until the request ends, the handler's
/// answer goes out as headers, data and trailers at once. Every other kind reads from an inbox and
/// writes as it goes.
///
/// `@unchecked Sendable`: what a handler may ask from any thread (`method`, `requestMetadata`,
/// `deadline`, `peer`) does not change once the handler runs; all else is touched only on the loop.
final class ServerStream: HTTP2Stream, @unchecked Sendable {
  let connection: ServerConnection
  var loop: LoopExecutor { connection.loop }

  private var head: RequestHead
  private var isHeadComplete = false
  private var route: Route?
  private(set) var deadline = Deadline.never
  private var timer: Scheduled<Void>?

  private var deframer: MessageDeframer
  /// A unary call's request.
  private var onlyMessage: Message?
  var inbox = Inbox()
  /// Bytes that the client may not send again until a message was taken.
  private var unconsumed = 0
  /// This call's part of the connection's unread bytes.
  private var unread = 0

  private var task: Task<Void, Never>?
  private var isHandlerRunning = false
  /// What the handler sends along; nil for most.
  var initialMetadata: Metadata?
  var trailingMetadata: Metadata?
  private(set) var hasBegunResponse = false
  private var isAnswered = false
  /// What the handler wants, and whether the response's head allows it.
  var wantedCompression = Compression.identity
  private var mayCompress = false
  private(set) var isRequestCompressed = false
  var writers: [UnsafeContinuation<RPCStatus?, Never>] = []

  init(_ connection: ServerConnection) {
    self.connection = connection
    head = RequestHead(connection.router)
    deframer = MessageDeframer(messageBytesMax: connection.limits.messageBytesMax)
  }

  /// Whether a response can still be sent.
  var isResponding: Bool { isOpen && !isAnswered }

  var method: Method {
    guard let route else { preconditionFailure("a handler sees only calls that were routed") }
    return route.method
  }
  var requestMetadata: Metadata { head.metadata }

  // MARK: What comes in

  override func receivedHeader(
    name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>
  ) {
    // Trailers of a request mean nothing in gRPC.
    if !isHeadComplete { head.add(name: name, value: value) }
  }

  override func receivedTooManyHeaderBytes() {
    if !isHeadComplete { head.exceed(limit: connection.limits.headerBytesMax) }
  }

  override func receivedHeaderBlock() {
    guard !isHeadComplete else { return }
    isHeadComplete = true
    switch head.verdict {
    case .accept(let route): begin(route)
    case .reject(let status): end(status)
    case .refuse(let httpStatus): refuse(httpStatus)
    }
  }

  override func receivedData(_ bytes: UnsafeBufferPointer<UInt8>) {
    // Data of a call that has its answer is dropped, and its window is never given back.
    guard isResponding, let route else { return }
    var rest = bytes
    do {
      while let message = try deframer.next(from: &rest) {
        take(deframer.isCompressed ? try decompress(message) : message, route)
      }
    } catch {
      return end(error)
    }
    unconsumed += bytes.count
    // A message may be longer than the window, so the rest of one that nobody has to wait for is let in.
    if !deframer.isBetweenMessages, inbox.count == 0 { consumeAll() }
    countUnread()
  }

  override func receivedEnd() {
    guard isResponding, let route else { return }
    guard deframer.isBetweenMessages else {
      return end(RPCStatus(.internal, "the request ended in the middle of a message"))
    }
    guard case .unary(let handle) = route.handler else {
      inbox.finish(.success(nil))?.resume(returning: .success(nil))
      return
    }
    guard let message = onlyMessage.take() else { return end(.noMessage) }
    countUnread()
    isHandlerRunning = true
    keep(Task.immediate(executorPreference: loop) { [self] in await answer(handle, message) })
  }

  override func sentData() {
    guard !writers.isEmpty, outgoingCount <= connection.limits.sendBufferBytesMax else { return }
    resumeWriters(nil)
  }

  override func closed(_ code: HTTP2ErrorCode) {
    if !isAnswered { release(RPCStatus(.cancelled, "the call is over")) }
  }

  // MARK: The handler

  private func begin(_ route: Route) {
    self.route = route
    deframer.encoding = head.encoding
    if let timeout = head.timeout {
      guard timeout > .zero else { return end(.deadlinePassed) }
      deadline = .after(timeout)
      timer = loop.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(timeout)) { [self] in
        end(.deadlinePassed)
      }
    }
    if route.isUnary { return }
    isHandlerRunning = true
    keep(Task.immediate(executorPreference: loop) { [self] in await stream(route.handler) })
  }

  /// It ran on this thread until its first suspension, and runs on this loop afterwards.
  private func keep(_ task: Task<Void, Never>) {
    if isHandlerRunning { self.task = task }
  }

  private func answer(
    _ handle: @Sendable (Message, ServerContext) async throws -> Message, _ request: Message
  ) async {
    do {
      let response = try await handle(request, ServerContext(self))
      handlerEnded()
      guard isResponding else { return }
      try checkUnsent(response)
      beginResponse()
      try write(message: response, compression)
      end(.ok)
    } catch {
      handlerEnded()
      end(RPCStatus(thrownByHandler: error))
    }
  }

  private func stream(_ handler: Handler) async {
    do {
      try await handler.run(self)
      handlerEnded()
      end(.ok)
    } catch {
      handlerEnded()
      end(RPCStatus(thrownByHandler: error))
    }
  }

  private func handlerEnded() {
    loop.eventLoop.assertInEventLoop()
    isHandlerRunning = false
    task = nil
  }

  private func decompress(_ message: Message) throws(RPCStatus) -> Message {
    isRequestCompressed = true
    return try Gzip.decompress(message, countMax: connection.limits.messageBytesMax)
  }

  private func take(_ message: Message, _ route: Route) {
    guard route.isUnary else {
      inbox.push(message)?.resume(returning: .success(message))
      return
    }
    if onlyMessage == nil { onlyMessage = message } else { end(.secondMessage) }
  }

  func consumeAll() {
    consume(unconsumed)
    unconsumed = 0
    countUnread()
  }

  /// What waits here is this connection's; one client's calls together may make us hold only so much.
  private func countUnread() {
    let waiting = route?.isUnary == true ? onlyMessage?.count ?? 0 : unconsumed
    let count = isResponding ? waiting + deframer.partialCount : 0
    guard count != unread else { return }
    connection.unreadBytes += count - unread
    unread = count
    let limit = connection.limits.unreadBytesMax
    if connection.unreadBytes > limit {
      end(
        RPCStatus(
          .resourceExhausted,
          "the connection's calls hold more than \(limit) bytes that nobody has read yet"))
    }
  }

  // MARK: What goes out

  /// A client that never reads must not make us keep answers for it without end.
  func checkUnsent(_ message: Message) throws(RPCStatus) {
    let limit = connection.limits.unsentBytesMax
    guard let session, session.outgoingCount + message.count > limit else { return }
    throw RPCStatus(
      .resourceExhausted, "more than \(limit) bytes wait for the client to read them")
  }

  var compression: Compression { mayCompress ? wantedCompression : .identity }

  func beginResponse() {
    guard !hasBegunResponse else { return }
    hasBegunResponse = true
    mayCompress = wantedCompression == .gzip && head.acceptsGzip
    var headers = mayCompress ? ResponseHeaders.okGzip : ResponseHeaders.ok
    if let initialMetadata { headers.append(initialMetadata) }
    connection.session.respond(self, headers)
  }

  /// The call is over, with this status, unless it was over before.
  func end(_ status: RPCStatus) {
    guard isResponding else { return }
    isAnswered = true
    if hasBegunResponse {
      finish(trailers: trailers(status))
    } else {
      connection.session.respondOnly(self, trailers(status, after: ResponseHeaders.only))
    }
    release(status)
  }

  private func trailers(_ status: RPCStatus, after headers: HTTP2Headers? = nil) -> HTTP2Headers {
    if headers == nil, status.code == .ok, trailingMetadata == nil {
      return ResponseHeaders.okTrailers
    }
    var trailers = headers ?? HTTP2Headers()
    if headers != nil, let initialMetadata { trailers.append(initialMetadata) }
    trailers.append(status)
    if let trailingMetadata { trailers.append(trailingMetadata) }
    return trailers
  }

  private func refuse(_ httpStatus: Int) {
    isAnswered = true
    connection.session.respondOnly(self, ResponseHeaders.refusal(httpStatus))
  }

  /// Whoever waits on the call learns that it is over.
  private func release(_ status: RPCStatus) {
    timer?.cancel()
    timer = nil
    if unread > 0 {
      connection.unreadBytes -= unread
      unread = 0
    }
    if isHandlerRunning { task?.cancel() }
    inbox.fail(status)?.resume(returning: .failure(status))
    resumeWriters(status)
  }

  func resumeWriters(_ failure: RPCStatus?) {
    guard !writers.isEmpty else { return }
    let waiting = writers
    writers = []
    for waiter in waiting { waiter.resume(returning: failure) }
  }
}
