/// Where a streaming handler sends its answers.
public struct ResponseStream: Sendable {
  private let call: any ServerCall

  package init(_ call: any ServerCall) {
    self.call = call
  }

  /// Sends one message.
  ///
  /// It suspends while the peer's window and our bounded buffer are full, and throws CANCELLED once
  /// the call is over.
  public func send(_ message: Message) async throws(RPCStatus) {
    try await call.send(message)
  }
}
