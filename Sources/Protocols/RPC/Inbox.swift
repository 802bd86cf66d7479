/// A message as it came in.
package struct IncomingMessage: Sendable {
  package let body: Message
  /// Whether it still has to be unpacked: that waits for its reader.
  package let isCompressed: Bool

  package init(_ body: Message, isCompressed: Bool = false) {
    self.body = body
    self.isCompressed = isCompressed
  }
}

/// The messages of one direction that came in and nobody took yet, and the reader that waits for
/// one.
///
/// A state machine: it resumes nobody itself. What it returns, the caller resumes, outside of its
/// lock if it has one.
package struct Inbox {
  package typealias Outcome = Result<IncomingMessage?, RPCStatus>
  package typealias Reader = UnsafeContinuation<Outcome, Never>

  private var messages: [IncomingMessage?] = []
  private var taken = 0
  private var end: Outcome?
  private var reader: Reader?

  package init() {}

  package var count: Int { messages.count - taken }
  package var isEnded: Bool { end != nil }

  /// A message came. A reader that is returned is to be resumed with it; else it is kept.
  package mutating func push(_ message: IncomingMessage) -> Reader? {
    guard end == nil else { return nil }
    if let reader = reader.take() { return reader }
    messages.append(message)
    return nil
  }

  /// No more will come. The messages that wait are still handed out, then the outcome for ever. A
  /// reader that is returned is to be resumed with the outcome.
  package mutating func finish(_ outcome: Outcome) -> Reader? {
    guard end == nil else { return nil }
    end = outcome
    return reader.take()
  }

  /// The call is over for its reader, at once: what waits is dropped.
  package mutating func fail(_ status: RPCStatus) -> Reader? {
    messages = []
    taken = 0
    end = .failure(status)
    return reader.take()
  }

  /// What a reader gets at once; nil if it has to wait.
  package mutating func take() -> Outcome? {
    guard taken < messages.count else { return end }
    let message = messages[taken]
    messages[taken] = nil
    taken += 1
    if taken == messages.count {
      messages.removeAll(keepingCapacity: true)
      taken = 0
    }
    return .success(message)
  }

  /// Has a reader wait, after `take` had nothing. Two readers at once are a bug of the caller's.
  package mutating func wait(_ reader: Reader) {
    precondition(self.reader == nil, "two tasks read one stream of messages at the same time")
    self.reader = reader
  }

  /// The reader gives up waiting.
  package mutating func removeReader() -> Reader? { reader.take() }
}
