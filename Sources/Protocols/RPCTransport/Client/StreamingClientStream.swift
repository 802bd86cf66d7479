import HTTP2
import RPC

/// A call with streams of messages.
///
/// Calls from other threads are passed to the loop. Cancelling a waiting task ends the call.
final class StreamingClientStream: ClientStream, ClientCallTransport, @unchecked Sendable {
  private typealias Writer = UnsafeContinuation<RPCStatus?, Never>
  private typealias HeaderWaiter = UnsafeContinuation<Result<Metadata, RPCStatus>, Never>

  private var inbox = Inbox()
  private var unconsumed = 0
  private var writers: [Writer] = []
  private var hasFinishedSending = false
  private var whoWaitsForHeaders: [HeaderWaiter] = []
  private var whoWaitsForStatus: [UnsafeContinuation<RPCStatus, Never>] = []
  private var whoWaitsForOpening: UnsafeContinuation<RPCStatus?, Never>?

  init(_ picker: ConnectionPicker, _ method: Method, _ options: CallOptions) {
    super.init(picker, method, options, picker.configuration.limits)
  }

  /// Waits until the stream is open; returns the status if it could not be opened.
  func run() async -> RPCStatus? {
    await wait { (opening: UnsafeContinuation<RPCStatus?, Never>) in
      if let status = self.finalStatus { return opening.resume(returning: status) }
      self.whoWaitsForOpening = opening
      self.start()
    }
  }

  func send(_ message: Message) async throws(RPCStatus) {
    let failure = await wait { (writer: Writer) in
      do throws(RPCStatus) {
        if try self.queue(message) {
          writer.resume(returning: nil)
        } else {
          self.writers.append(writer)
        }
      } catch {
        writer.resume(returning: error)
      }
    }
    if let failure { throw failure }
  }

  /// Queues a message. False if the buffer is now full, and the sender must wait.
  private func queue(_ message: Message) throws(RPCStatus) -> Bool {
    if let status = finalStatus {
      throw status.code == .ok ? RPCStatus(.cancelled, "the call is over") : status
    }
    if hasFinishedSending {
      throw RPCStatus(.internal, "a message was sent after finishSending")
    }
    do throws(RPCStatus) { try write(message: message, options.compression) } catch {
      end(error)
      throw error
    }
    return outgoingCount <= picker.configuration.limits.sendBufferBytesMax
  }

  func finishSending() {
    loop.run { [self] in
      hasFinishedSending = true
      finish()
    }
  }

  func nextMessage() async throws(RPCStatus) -> Message? {
    try await wait { (reader: Inbox.Reader) in
      if let outcome = self.inbox.take() {
        if self.inbox.count == 0 { self.consumeAll() }
        reader.resume(returning: outcome)
      } else {
        self.inbox.wait(reader)
      }
    }.get()?.body
  }

  func initialMetadata() async throws(RPCStatus) -> Metadata {
    try await wait { (waiting: HeaderWaiter) in
      if let metadata = self.head.initialMetadata {
        waiting.resume(returning: .success(metadata))
      } else if let status = self.finalStatus {
        waiting.resume(returning: status.code == .ok ? .success([:]) : .failure(status))
      } else {
        self.whoWaitsForHeaders.append(waiting)
      }
    }.get()
  }

  func status() async -> RPCStatus {
    await wait { (waiting: UnsafeContinuation<RPCStatus, Never>) in
      if let status = self.finalStatus {
        waiting.resume(returning: status)
      } else {
        self.whoWaitsForStatus.append(waiting)
      }
    }
  }

  func cancel() {
    loop.run { [self] in end(RPCStatus(.cancelled, "the caller cancelled the call")) }
  }

  /// Suspends the caller until the loop resumes it.
  private func wait<Value: Sendable>(
    _ body: @escaping @Sendable (UnsafeContinuation<Value, Never>) -> Void
  ) async -> Value {
    await withTaskCancellationHandler {
      await withUnsafeContinuation { waiting in loop.run { body(waiting) } }
    } onCancel: {
      loop.eventLoop.execute { [self] in end(.taskCancelled) }
    }
  }

  // MARK: Events on the loop

  override func opened() { whoWaitsForOpening.take()?.resume(returning: nil) }

  override func receivedInitialMetadata() {
    guard let metadata = head.initialMetadata else { return }
    for waiter in whoWaitsForHeaders { waiter.resume(returning: .success(metadata)) }
    whoWaitsForHeaders = []
  }

  override func received(_ message: Message) {
    let incoming = IncomingMessage(message)
    inbox.push(incoming)?.resume(returning: .success(incoming))
  }

  override func receivedBytes(_ count: Int) {
    unconsumed += count
    if inbox.count == 0 { consumeAll() }
  }

  override func sentData() {
    guard !writers.isEmpty, outgoingCount <= picker.configuration.limits.sendBufferBytesMax else {
      return
    }
    resumeWriters(nil)
  }

  override func ended(_ status: RPCStatus) {
    let isOK = status.code == .ok
    let outcome: Inbox.Outcome = isOK ? .success(nil) : .failure(status)
    inbox.finish(outcome)?.resume(returning: outcome)
    resumeWriters(isOK ? RPCStatus(.cancelled, "the call is over") : status)
    whoWaitsForOpening.take()?.resume(returning: isOK ? nil : status)
    for waiter in whoWaitsForHeaders {
      waiter.resume(returning: isOK ? .success([:]) : .failure(status))
    }
    whoWaitsForHeaders = []
    for waiter in whoWaitsForStatus { waiter.resume(returning: status) }
    whoWaitsForStatus = []
  }

  private func consumeAll() {
    consume(unconsumed)
    unconsumed = 0
  }

  private func resumeWriters(_ failure: RPCStatus?) {
    let waiting = writers
    writers = []
    for waiter in waiting { waiter.resume(returning: failure) }
  }
}
