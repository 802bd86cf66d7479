/// The messages of one direction of a call, in the order in which they were sent.
///
/// It ends when the sender has finished, and fails with the call's status when the call does.
/// Taking a message gives its room back to the sender, so a reader that pauses makes the sender
/// pause. There is one stream of messages, however many iterators: each message goes to one of
/// them.
public struct MessageStream: AsyncSequence, Sendable {
  public typealias Element = Message
  public typealias Failure = RPCStatus

  let source: any MessageSource

  package init(_ source: any MessageSource) {
    self.source = source
  }

  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(source: source)
  }

  public struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate let source: any MessageSource

    public mutating func next(
      isolation actor: isolated (any Actor)? = #isolation
    ) async throws(RPCStatus) -> Message? {
      try await source.nextMessage()
    }
  }
}

/// What a handler reads: the caller's messages.
public typealias RequestStream = MessageStream

/// Where a transport keeps the messages that have come in.
package protocol MessageSource: AnyObject, Sendable {
  /// The next message, nil after the last. One caller at a time.
  func nextMessage() async throws(RPCStatus) -> Message?
}
