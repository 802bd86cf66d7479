import HTTP2
import NIOCore
import RPC

/// One call of a server, from its headers to its status.
///
/// Its head decides whether it may run; only then is the rest read. A handler with one request
/// message begins once the request has ended. Every other kind reads from an inbox as it goes.
///
/// `@unchecked Sendable`: the members that a handler may read from any thread (`method`,
/// `requestMetadata`, `deadline`, `peer`, `admission`) are constant once it runs; all else is
/// touched only on the loop.
final class ServerStream: HTTP2Stream, Timed, @unchecked Sendable {
  /// Data that arrived while the admission was pending.
  struct EarlyRequest {
    var bytes: [UInt8] = []
    var isEnded = false
  }

  let connection: ServerConnection
  var loop: LoopExecutor { connection.loop }
  /// The connection's `halfTimeouts` when the request began.
  private let born: Int

  private(set) var head: RequestHead
  private var isHeadComplete = false
  private var isRequestComplete = false
  var route: Route?
  var admission: Result<Admission, Refusal>?
  var early: EarlyRequest?
  var deadline = Deadline.never
  var timer: CallTimers.Ticket?
  var expiry: Scheduled<Void>?

  var deframer: MessageDeframer
  /// The request of a handler that takes one message.
  private var onlyMessage: IncomingMessage?
  var inbox = Inbox()
  /// Bytes whose window is returned once a message is taken.
  private var unconsumed = 0
  /// Bytes of the message that the handler took last, plus what else it holds.
  var takenBytes = 0
  private var handlerBytes = 0
  /// Bytes counted for this call on its connection.
  private var counted = 0

  var task: Task<Void, Never>?
  var isHandlerRunning = false
  /// The handler's metadata; nil for most.
  var initialMetadata: Metadata?
  var trailingMetadata: Metadata?
  var hasBegunResponse = false
  var isAnswered = false
  /// The handler's choice, and whether the response's head allows it.
  var wantedCompression = Compression.identity
  var mayCompress = false
  private(set) var isRequestCompressed = false
  var writers: [UnsafeContinuation<RPCStatus?, Never>] = []

  init(_ connection: ServerConnection) {
    self.connection = connection
    born = connection.halfTimeouts
    head = RequestHead(connection.router)
    deframer = MessageDeframer(messageBytesMax: connection.limits.messageBytesMax)
  }

  /// True if a response can still be sent.
  var isResponding: Bool { isOpen && !isAnswered }

  var method: Method {
    guard let route else { preconditionFailure("a handler sees only calls that were routed") }
    return route.method
  }
  var requestMetadata: Metadata { head.metadata }

  // MARK: Input

  override func receivedHeader(
    name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>
  ) {
    // Trailers of a request have no meaning in gRPC.
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
    // Data after the answer is dropped, and its window is not returned.
    guard isResponding, let route, !isRefused else { return }
    if early != nil {
      early?.bytes.append(contentsOf: bytes)
      return recount()
    }
    var rest = bytes
    do {
      while isResponding, let message = try deframer.next(from: &rest) {
        take(IncomingMessage(message, isCompressed: deframer.isCompressed), route)
      }
    } catch {
      return end(error)
    }
    unconsumed += bytes.count
    // A message may be longer than the window, so the rest of an incomplete one is let in, unless
    // messages wait for the reader.
    if !deframer.isBetweenMessages, inbox.count == 0 { consumeAll() }
    recount()
  }

  override func receivedEnd() {
    guard isResponding, let route, !isRefused else { return }
    if early != nil {
      early?.isEnded = true
      return
    }
    isRequestComplete = true
    guard deframer.isBetweenMessages else {
      return end(RPCStatus(.internal, "the request ended in the middle of a message"))
    }
    guard route.takesOneMessage else {
      inbox.finish(.success(nil))?.resume(returning: .success(nil))
      return
    }
    guard let message = onlyMessage.take() else { return end(.noMessage) }
    do throws(RPCStatus) { serve(try unpack(message), route.handler) } catch { end(error) }
  }

  override func sentData() {
    recount()
    guard !writers.isEmpty, outgoingCount <= connection.limits.sendBufferBytesMax else { return }
    resumeWriters(nil)
  }

  override func closed(_ code: HTTP2ErrorCode) {
    if let route, !route.isForStrangers { connection.callEnded() }
    if isAnswered { recount() } else { release(RPCStatus(.cancelled, "the call is over")) }
  }

  func timeIsUp() { end(.deadlinePassed) }

  /// Bounds the time of a request.
  func endIfOverdue(after timeout: Duration) {
    guard connection.halfTimeouts - born > 2 else { return }
    guard isHeadComplete else {
      return connection.part(.enhanceYourCalm, reason: "headers_timeout")
    }
    guard let route, route.takesOneMessage, !isRequestComplete else { return }
    end(RPCStatus(.deadlineExceeded, "the request was not complete within \(timeout)"))
  }

  private func take(_ message: IncomingMessage, _ route: Route) {
    isRequestCompressed = isRequestCompressed || message.isCompressed
    if route.takesOneMessage {
      if onlyMessage == nil { onlyMessage = message } else { end(.secondMessage) }
    } else if let reader = inbox.push(message) {
      takenBytes = message.body.count
      reader.resume(returning: .success(message))
    }
  }

  /// The next outcome, if available; nil if the reader must wait.
  func takeMessage() -> Inbox.Outcome? {
    let outcome = inbox.take()
    if case .success(let message?)? = outcome { takenBytes = message.body.count }
    if inbox.count == 0 { consumeAll() }
    recount()
    return outcome
  }

  private func consumeAll() {
    consume(unconsumed)
    unconsumed = 0
  }

  /// Decompresses a message.
  func unpack(_ message: IncomingMessage) throws(RPCStatus) -> Message {
    guard message.isCompressed else { return message.body }
    return try Gzip.decompress(message.body, countMax: connection.limits.messageBytesMax)
  }

  // MARK: Memory

  /// Counts the decompressed size of the message that the handler took.
  func took(_ count: Int) {
    takenBytes = count
    recount()
  }

  /// Adds to the bytes that the handler holds.
  func holdMore(_ count: Int) {
    handlerBytes += count
    recount()
  }

  /// Recounts the call's bytes; ends the call if they exceed the limit.
  func recount() {
    var count = 0
    if isOpen || isHandlerRunning { count = connection.limits.callBytes + headerBytes }
    if isResponding {
      count += deframer.partialCount + (early?.bytes.count ?? 0)
      count += onlyMessage?.body.count ?? unconsumed
    }
    if isHandlerRunning { count += takenBytes + handlerBytes }
    if isOpen { count += outgoingCount }
    let change = count - counted
    if change == 0 { return }
    counted = count
    if !connection.count(change), isResponding { end(connection.overload()) }
  }

  // MARK: The end

  /// Ends the call with this status, unless it has ended.
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

  /// Resumes all waits on the call.
  private func release(_ status: RPCStatus) {
    if let timer = timer.take() { loop.timers.callOff(timer, of: self) }
    expiry?.cancel()
    expiry = nil
    onlyMessage = nil
    early = nil
    if isHandlerRunning { task?.cancel() }
    inbox.fail(status)?.resume(returning: .failure(status))
    resumeWriters(status)
    recount()
  }

  func resumeWriters(_ failure: RPCStatus?) {
    guard !writers.isEmpty else { return }
    let waiting = writers
    writers = []
    for waiter in waiting { waiter.resume(returning: failure) }
  }
}
