/// The caller's end of a streaming call.
///
/// A call is cancelled if its last reference goes away before it has ended, so none leaks.
public final class ClientCall: Sendable {
  private let transport: any ClientCallTransport

  package init(_ transport: any ClientCallTransport) {
    self.transport = transport
  }

  deinit { transport.cancel() }

  /// Sends one request. Suspends while the peer's window and our bounded buffer are full; throws
  /// the call's status once the call is over.
  public func send(_ message: Message) async throws(RPCStatus) {
    try await transport.send(message)
  }

  /// Tells the server that no more requests follow. Sending afterwards is a bug, and throws
  /// INTERNAL.
  public func finishSending() {
    transport.finishSending()
  }

  /// The responses; the stream fails with the call's status unless that is OK.
  public var responses: MessageStream { MessageStream(self) }

  /// The headers before the first response. Waits for them; throws the call's status if the call
  /// fails before.
  public var initialMetadata: Metadata {
    get async throws(RPCStatus) { try await transport.initialMetadata() }
  }

  /// The call's status, with the trailing metadata. Waits for the end.
  public var status: RPCStatus {
    get async { await transport.status() }
  }

  /// The metadata beside the status. Waits for the end of the call.
  public var trailingMetadata: Metadata {
    get async { await status.metadata }
  }

  /// Ends the call with CANCELLED here, and cancels the handler there. No effect on a call that
  /// has ended.
  public func cancel() {
    transport.cancel()
  }
}

extension ClientCall: MessageSource {
  /// The stream of responses holds the call itself, which would otherwise be cancelled under its
  /// reader.
  package func nextMessage() async throws(RPCStatus) -> Message? {
    try await transport.nextMessage()
  }
}

/// The caller's side of one call in a transport. All members are thread-safe.
package protocol ClientCallTransport: MessageSource {
  func send(_ message: Message) async throws(RPCStatus)
  func finishSending()
  func initialMetadata() async throws(RPCStatus) -> Metadata
  func status() async -> RPCStatus
  func cancel()
}
