/// The messages of one direction of a call, in order.
///
/// Ends when the sender has finished, and throws the call's status if the call fails. Taking a
/// message returns its window to the sender, so a reader exerts backpressure. All iterators share
/// one stream: each message goes to one of them.
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

/// The caller's messages, for a handler.
public typealias RequestStream = MessageStream

/// A transport's source of received messages.
package protocol MessageSource: AnyObject, Sendable {
  /// The next message; nil after the last. For one caller at a time.
  func nextMessage() async throws(RPCStatus) -> Message?
}
