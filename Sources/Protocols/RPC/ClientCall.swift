/// A streaming call as its caller holds it.
///
/// A call whose last reference goes away before it ended is cancelled, so none is ever forgotten.
public final class ClientCall: Sendable {
  private let transport: any ClientCallTransport

  package init(_ transport: any ClientCallTransport) {
    self.transport = transport
  }

  deinit { transport.cancel() }

  /// Sends one request. It suspends while the peer's window and our bounded buffer are full, and
  /// throws the call's status once the call is over.
  public func send(_ message: Message) async throws(RPCStatus) {
    try await transport.send(message)
  }

  /// Tells the server that no more requests follow. Sending afterwards is a bug that throws
  /// INTERNAL.
  public func finishSending() {
    transport.finishSending()
  }

  /// The responses; the stream fails with the call's status unless that is OK.
  public var responses: MessageStream { MessageStream(self) }

  /// What the server sent ahead of its first response. Waits for it; throws the call's status if
  /// the call failed before.
  public var initialMetadata: Metadata {
    get async throws(RPCStatus) { try await transport.initialMetadata() }
  }

  /// How the call ended, with the trailing metadata. Waits for the end.
  public var status: RPCStatus {
    get async { await transport.status() }
  }

  /// What the server sent beside its status. Waits for the end of the call.
  public var trailingMetadata: Metadata {
    get async { await status.metadata }
  }

  /// Ends the call with CANCELLED here, and cancels the handler there. Without effect on a call
  /// that has ended.
  public func cancel() {
    transport.cancel()
  }
}

extension ClientCall: MessageSource {
  /// The stream of responses holds the call itself, which would else be cancelled under its reader.
  package func nextMessage() async throws(RPCStatus) -> Message? {
    try await transport.nextMessage()
  }
}

/// The caller's side of one call, as a transport keeps it. Every member may be used on any thread.
package protocol ClientCallTransport: MessageSource {
  func send(_ message: Message) async throws(RPCStatus)
  func finishSending()
  func initialMetadata() async throws(RPCStatus) -> Metadata
  func status() async -> RPCStatus
  func cancel()
}
