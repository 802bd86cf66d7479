import Timing

/// The handler's view of an in-process call.
final class InProcessServerSide: ServerCall {
  let method: Method
  let requestMetadata: Metadata
  let deadline: Deadline
  let peer = "in-process"
  let caller: Caller
  let admission: Result<Admission, Refusal>?
  /// In-process messages are never compressed.
  let isRequestCompressed = false
  private let call: InProcessCall
  private let messageBytesMax: Int

  init(_ call: InProcessCall, _ method: Method, _ options: CallOptions, _ limits: RPCLimits) {
    self.call = call
    admission = nil
    caller = options.caller
    self.method = method
    requestMetadata = options.metadata
    deadline = options.deadline
    messageBytesMax = options.messageSizeMax ?? limits.messageBytesMax
  }

  /// The same view with an admission decision.
  init(_ side: InProcessServerSide, _ admission: Result<Admission, Refusal>) {
    call = side.call
    method = side.method
    requestMetadata = side.requestMetadata
    deadline = side.deadline
    caller = side.caller
    messageBytesMax = side.messageBytesMax
    self.admission = admission
  }

  /// Ends the call when its caller's proof expires.
  func endWithProof(of caller: Caller) {
    guard let timeLeft = caller.timeLeft else { return }
    call.own(
      Task { [call] in
        do { try await Environment.live.sleep(timeLeft) } catch { return }
        call.finish(RPCStatus(.unauthenticated, "the \(caller.proof) of \(caller) has expired"))
      })
  }

  func hold(_ bytes: Int) {}
  func setInitialMetadata(_ metadata: Metadata) { call.setInitialMetadata(metadata) }
  func setTrailingMetadata(_ metadata: Metadata) { call.setTrailingMetadata(metadata) }
  func setCompression(_ compression: Compression) {}

  func nextMessage() async throws(RPCStatus) -> Message? {
    try await call.requests.nextMessage()
  }

  func send(_ message: Message) async throws(RPCStatus) {
    if let tooLong = RPCStatus(tooLong: message.count, limit: messageBytesMax) {
      call.finish(tooLong)
      throw tooLong
    }
    call.beginToRespond()
    try await call.responses.send(message)
  }
}

/// The caller's view of an in-process call. Cancelling a wait ends the call.
final class InProcessClientSide: ClientCallTransport {
  private let call: InProcessCall
  private let messageBytesMax: Int

  init(_ call: InProcessCall, _ limits: RPCLimits) {
    self.call = call
    messageBytesMax = limits.messageBytesMax
  }

  func send(_ message: Message) async throws(RPCStatus) {
    if let tooLong = RPCStatus(tooLong: message.count, limit: messageBytesMax) {
      call.finish(tooLong)
    }
    do { try await call.requests.send(message) } catch { throw cancelled(by: error) }
  }

  func finishSending() { call.requests.finish(.success(nil)) }

  func nextMessage() async throws(RPCStatus) -> Message? {
    do { return try await call.responses.nextMessage() } catch { throw cancelled(by: error) }
  }

  func initialMetadata() async throws(RPCStatus) -> Metadata {
    try await withTaskCancellationHandler {
      await call.initialMetadata()
    } onCancel: {
      cancel()
    }.get()
  }

  func status() async -> RPCStatus {
    await withTaskCancellationHandler {
      await call.status()
    } onCancel: {
      cancel()
    }
  }

  func cancel() { call.finish(RPCStatus(.cancelled, "the caller cancelled the call")) }

  private func cancelled(by error: RPCStatus) -> RPCStatus {
    if Task.isCancelled { cancel() }
    return error
  }
}
