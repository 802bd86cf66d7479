import Synchronization

/// One direction of an in-process call: a bounded queue of messages between two tasks.
final class MessagePipe: MessageSource {
  private typealias Writer = UnsafeContinuation<RPCStatus?, Never>

  private struct State {
    var inbox = Inbox()
    var writers: [Writer] = []
    var failure: RPCStatus?

    mutating func takeWriters() -> [Writer] {
      defer { writers = [] }
      return writers
    }
  }

  private let state = Mutex(State())
  private let countMax: Int

  init(countMax: Int) {
    self.countMax = countMax
  }

  /// Adds a message, then waits while more than the limit are queued.
  func send(_ message: Message) async throws(RPCStatus) {
    let incoming = IncomingMessage(message)
    let (reader, failure) = state.withLock { state in
      state.inbox.isEnded
        ? (nil, state.failure ?? RPCStatus(.internal, "a message was sent after the last one"))
        : (state.inbox.push(incoming), nil)
    }
    if let failure { throw failure }
    if let reader { return reader.resume(returning: .success(incoming)) }
    if let failure = await waitForRoom() { throw failure }
  }

  func nextMessage() async throws(RPCStatus) -> Message? {
    try await withTaskCancellationHandler {
      await withUnsafeContinuation { (reader: Inbox.Reader) in
        let (outcome, writers) = state.withLock { state -> (Inbox.Outcome?, [Writer]) in
          guard let outcome = state.inbox.take() else {
            state.inbox.wait(reader)
            return (nil, [])
          }
          return (outcome, state.inbox.count < countMax ? state.takeWriters() : [])
        }
        for writer in writers { writer.resume(returning: nil) }
        if let outcome { reader.resume(returning: outcome) } else if Task.isCancelled { giveUp() }
      }
    } onCancel: {
      giveUp()
    }.get()?.body
  }

  /// Ends the messages; queued ones are still read, then the outcome.
  func finish(_ outcome: Inbox.Outcome) {
    state.withLock { $0.inbox.finish(outcome) }?.resume(returning: outcome)
  }

  /// Ends the call: readers and writers get the status, at once or after the queued messages.
  func fail(_ status: RPCStatus, keepingMessages: Bool) {
    let (reader, writers) = state.withLock { state in
      state.failure = state.failure ?? status
      let reader =
        keepingMessages ? state.inbox.finish(.failure(status)) : state.inbox.fail(status)
      return (reader, state.takeWriters())
    }
    reader?.resume(returning: .failure(status))
    for writer in writers { writer.resume(returning: status) }
  }

  private func waitForRoom() async -> RPCStatus? {
    await withTaskCancellationHandler {
      await withUnsafeContinuation { (writer: Writer) in
        let mustWait = state.withLock { state in
          guard state.inbox.count > countMax, !state.inbox.isEnded else { return false }
          state.writers.append(writer)
          return true
        }
        if !mustWait { writer.resume(returning: nil) } else if Task.isCancelled { stopWriting() }
      }
    } onCancel: {
      stopWriting()
    }
  }

  private func giveUp() {
    state.withLock { $0.inbox.removeReader() }?.resume(returning: .failure(.taskCancelled))
  }

  private func stopWriting() {
    let writers = state.withLock { $0.takeWriters() }
    for writer in writers { writer.resume(returning: .taskCancelled) }
  }
}
