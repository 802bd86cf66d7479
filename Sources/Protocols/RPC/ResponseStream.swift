/// Sends the answers of a streaming handler.
public struct ResponseStream: Sendable {
  private let call: any ServerCall

  package init(_ call: any ServerCall) {
    self.call = call
  }

  /// Sends one message.
  ///
  /// Suspends while the peer's window and our bounded buffer are full; throws CANCELLED once the
  /// call is over.
  public func send(_ message: Message) async throws(RPCStatus) {
    try await call.send(message)
  }
}
