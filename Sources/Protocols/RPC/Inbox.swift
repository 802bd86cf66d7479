import Queues

/// A received message.
package struct IncomingMessage: Sendable {
  package let body: Message
  /// True if it is still compressed; its reader decompresses it.
  package let isCompressed: Bool

  package init(_ body: Message, isCompressed: Bool = false) {
    self.body = body
    self.isCompressed = isCompressed
  }
}

/// Received messages of one direction, and the reader that waits for one.
///
/// A state machine: it returns the reader to resume, and the owner resumes it, outside its lock.
package struct Inbox {
  package typealias Outcome = Result<IncomingMessage?, RPCStatus>
  package typealias Reader = UnsafeContinuation<Outcome, Never>

  private var messages = Queue<IncomingMessage>()
  private var end: Outcome?
  private var reader: Reader?

  package init() {}

  package var count: Int { messages.count }
  package var isEnded: Bool { end != nil }

  /// Adds a message. Resume the returned reader with it; without a reader it is stored.
  package mutating func push(_ message: IncomingMessage) -> Reader? {
    guard end == nil else { return nil }
    if let reader = reader.take() { return reader }
    messages.append(message)
    return nil
  }

  /// No more messages follow. Stored messages are still returned, then the outcome for ever.
  /// Resume the returned reader with the outcome.
  package mutating func finish(_ outcome: Outcome) -> Reader? {
    guard end == nil else { return nil }
    end = outcome
    return reader.take()
  }

  /// Ends the call for its reader at once; drops stored messages.
  package mutating func fail(_ status: RPCStatus) -> Reader? {
    messages = Queue()
    end = .failure(status)
    return reader.take()
  }

  /// The next outcome, if available; nil if the reader must wait.
  package mutating func take() -> Outcome? {
    guard let message = messages.popFirst() else { return end }
    return .success(message)
  }

  /// Registers a reader, after `take` returned nil. Traps on two readers at once, a bug of the
  /// caller.
  package mutating func wait(_ reader: Reader) {
    precondition(self.reader == nil, "two tasks read one stream of messages at the same time")
    self.reader = reader
  }

  /// Removes a reader that stops waiting.
  package mutating func removeReader() -> Reader? { reader.take() }
}
