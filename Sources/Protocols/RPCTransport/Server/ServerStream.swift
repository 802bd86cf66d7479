import HTTP2
import NIOCore
import RPC

/// One call at the server, from its headers to its status.
///
/// Its head decides whether it may run; only then is anything else of it read. A handler that takes
/// one message begins once the request has ended. Every other kind reads from an inbox as it goes.
///
/// `@unchecked Sendable`: what a handler may ask from any thread (`method`, `requestMetadata`,
/// `deadline`, `peer`, `admission`) does not change once the handler runs; all else is touched only
/// on the loop.
final class ServerStream: HTTP2Stream, @unchecked Sendable {
  /// What came while the admission was pending.
  private struct EarlyRequest {
    var bytes: [UInt8] = []
    var isEnded = false
  }

  let connection: ServerConnection
  var loop: LoopExecutor { connection.loop }
  /// What `halfTimeouts` of the connection was when the request began.
  private let born: Int

  private(set) var head: RequestHead
  private var isHeadComplete = false
  private var isRequestComplete = false
  private var route: Route?
  private(set) var admission: Result<Admission, Refusal>?
  private var early: EarlyRequest?
  private(set) var deadline = Deadline.never
  private var timer: Scheduled<Void>?
  private var expiry: Scheduled<Void>?

  private var deframer: MessageDeframer
  /// The request of a handler that takes one.
  private var onlyMessage: IncomingMessage?
  var inbox = Inbox()
  /// Bytes that the client may not send again until a message was taken.
  private var unconsumed = 0
  /// Bytes of the message that the handler took last, and what else it says that it holds.
  private var takenBytes = 0
  private var handlerBytes = 0
  /// What this call counts for on its connection.
  private var counted = 0

  private var task: Task<Void, Never>?
  private var isHandlerRunning = false
  /// What the handler sends along; nil for most.
  var initialMetadata: Metadata?
  var trailingMetadata: Metadata?
  var hasBegunResponse = false
  var isAnswered = false
  /// What the handler wants, and whether the response's head allows it.
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
    // A message may be longer than the window, so the rest of one that nobody has to wait for is
    // let in.
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

  /// A request must not take for ever.
  func endIfOverdue(after timeout: Duration) {
    guard connection.halfTimeouts - born > 2 else { return }
    guard isHeadComplete else {
      return connection.part(.enhanceYourCalm, reason: "headers_timeout")
    }
    guard let route, route.takesOneMessage, !isRequestComplete else { return }
    end(RPCStatus(.deadlineExceeded, "the request was not complete within \(timeout)"))
  }

  // MARK: Admission

  private func begin(_ route: Route) {
    self.route = route
    if route.isForStrangers {
      guard head.encoding == .identity else { return end(.takesNoCompression) }
      let limit = connection.limits.strangerMessageBytesMax
      deframer.messageBytesMax = min(deframer.messageBytesMax, limit)
    } else {
      connection.callBegan()
      deframer.encoding = head.encoding
    }
    if let timeout = head.timeout {
      guard timeout > .zero else { return end(.deadlinePassed) }
      deadline = .after(timeout)
      timer = loop.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(timeout)) { [self] in
        end(.deadlinePassed)
      }
    }
    recount()
    guard isResponding else { return }
    guard let admission = route.admission else { return admitted(route) }
    decided(admission.decide(ServerContext(self)), route)
  }

  private var isRefused: Bool {
    if case .failure? = admission { true } else { false }
  }

  private func decided(_ decision: AdmissionDecision, _ route: Route) {
    guard isResponding else { return }
    switch decision {
    case .admitted(let admission):
      self.admission = .success(admission)
      if !route.isUnary { endWithProof(of: admission.caller) }
      admitted(route)
    case .refused(let refusal):
      admission = .failure(refusal)
      early = nil
      run {
        try await route.handler.runRefused(self)
        throw refusal.status
      }
    case .pending(let wait):
      early = early ?? EarlyRequest()
      _ = Task(executorPreference: loop) { [self] in
        let decision = await wait()
        decided(decision, route)
      }
    }
  }

  private func admitted(_ route: Route) {
    if !route.takesOneMessage { run { try await route.handler.run(self) } }
    guard let early = early.take() else { return }
    early.bytes.withUnsafeBufferPointer(receivedData)
    if early.isEnded { receivedEnd() }
  }

  /// A stream ends when what its caller proved itself with expires. The wall clock says when, and
  /// may be set.
  private func endWithProof(of caller: Caller) {
    guard isResponding, let timeLeft = caller.timeLeft else { return }
    guard timeLeft > .zero else { return end(.proofExpired) }
    expiry = loop.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(timeLeft)) { [self] in
      endWithProof(of: caller)
    }
  }

  // MARK: The handler

  /// Calls a handler that takes one message.
  private func serve(_ request: Message, _ handler: Handler) {
    takenBytes = request.count
    isHandlerRunning = true
    recount()
    guard isResponding else { return handlerEnded() }
    switch handler {
    case .unary(let handle):
      keep(Task.immediate(executorPreference: loop) { [self] in await answer(handle, request) })
    case .serverStreaming(let handle):
      run { try await handle(request, ResponseStream(self), ServerContext(self)) }
    case .clientStreaming, .bidirectional:
      preconditionFailure("\(method) takes more than one message")
    }
  }

  private func answer(
    _ handle: @Sendable (Message, ServerContext) async throws -> Message, _ request: Message
  ) async {
    do {
      let response = try await handle(request, ServerContext(self))
      handlerEnded()
      guard isResponding else { return }
      try checkRoom(for: response)
      beginResponse()
      try write(message: response, compression)
      end(.ok)
    } catch {
      handlerEnded()
      end(RPCStatus(thrownByHandler: error))
    }
  }

  private func run(_ handle: @escaping @Sendable () async throws -> Void) {
    isHandlerRunning = true
    keep(
      Task.immediate(executorPreference: loop) { [self] in
        do {
          try await handle()
          handlerEnded()
          end(.ok)
        } catch {
          handlerEnded()
          end(RPCStatus(thrownByHandler: error))
        }
      })
  }

  /// It ran on this thread until its first suspension, and runs on this loop afterwards.
  private func keep(_ task: Task<Void, Never>) {
    if isHandlerRunning { self.task = task }
  }

  private func handlerEnded() {
    loop.eventLoop.assertInEventLoop()
    isHandlerRunning = false
    task = nil
    recount()
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

  /// What a reader gets at once; nil if it has to wait.
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

  /// A message as it was before the client compressed it.
  func unpack(_ message: IncomingMessage) throws(RPCStatus) -> Message {
    guard message.isCompressed else { return message.body }
    return try Gzip.decompress(message.body, countMax: connection.limits.messageBytesMax)
  }

  // MARK: Memory

  /// The handler has unpacked the message that it took.
  func took(_ count: Int) {
    takenBytes = count
    recount()
  }

  /// The handler holds so much more.
  func holdMore(_ count: Int) {
    handlerBytes += count
    recount()
  }

  /// Counts what the call holds now; ends it if that is too much.
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

  /// Whoever waits on the call learns that it is over.
  private func release(_ status: RPCStatus) {
    timer?.cancel()
    timer = nil
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

extension RPCStatus {
  fileprivate static let takesNoCompression = RPCStatus(
    .unimplemented, "this service takes no compressed messages")
  fileprivate static let proofExpired = RPCStatus(
    .unauthenticated, "the token or the certificate of the caller has expired")
}
