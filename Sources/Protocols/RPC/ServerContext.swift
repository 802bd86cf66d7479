/// What a handler sees of its call, beside the messages.
///
/// It is valid on any thread, and stays valid after the call, when setting anything has no effect.
public struct ServerContext: Sendable {
  package let call: any ServerCall

  package init(_ call: any ServerCall) {
    self.call = call
  }

  public var method: Method { call.method }
  /// What the caller sent, without the headers that are gRPC's own.
  public var metadata: Metadata { call.requestMetadata }
  /// Pass it on to calls that serve this one.
  public var deadline: Deadline { call.deadline }
  /// Who calls, for logs: "127.0.0.1:50312", "unix:", "in-process".
  public var peer: String { call.peer }

  /// Who calls, as far as that was proved: whom the call was admitted or refused as, or else its
  /// connection's.
  public var caller: Caller {
    switch call.admission {
    case .success(let admission)?: admission.caller
    case .failure(let refusal)?: refusal.caller ?? call.caller
    case nil: call.caller
    }
  }

  /// Whether a compressed message came. Unary calls have all of theirs when the handler begins.
  public var isRequestCompressed: Bool { call.isRequestCompressed }

  /// Says that the handler holds so many bytes more for this call, beside its messages, or fewer:
  /// of a page that it read from a store, say. They count as the call's until it ends.
  ///
  /// Throws RESOURCE_EXHAUSTED if the connection or the process may hold no more, and CANCELLED
  /// once the call is over.
  public func hold(_ bytes: Int) async throws(RPCStatus) {
    try await call.hold(bytes)
  }

  /// Has the responses from here on compressed, if the client takes that. It is announced ahead of
  /// the first one, so a handler that wants it for any asks for it before that; later it may change
  /// its mind from message to message.
  public func setCompression(_ compression: Compression) {
    call.setCompression(compression)
  }

  /// Goes out ahead of the first answer; without effect once that has left.
  public func setInitialMetadata(_ metadata: Metadata) {
    call.setInitialMetadata(metadata)
  }

  /// Goes out beside the status, after what a thrown status brings of its own.
  public func setTrailingMetadata(_ metadata: Metadata) {
    call.setTrailingMetadata(metadata)
  }
}

/// The server's side of one call, as a transport keeps it. Every member may be used on any thread.
package protocol ServerCall: MessageSource {
  var method: Method { get }
  var requestMetadata: Metadata { get }
  var deadline: Deadline { get }
  var peer: String { get }
  /// Whom the connection is from.
  var caller: Caller { get }
  /// Nil where nothing decides.
  var admission: Result<Admission, Refusal>? { get }
  var isRequestCompressed: Bool { get }

  func setInitialMetadata(_ metadata: Metadata)
  func setTrailingMetadata(_ metadata: Metadata)
  func setCompression(_ compression: Compression)

  /// As `ServerContext.hold`.
  func hold(_ bytes: Int) async throws(RPCStatus)

  /// Sends one response; waits while what was sent before fills its bound.
  func send(_ message: Message) async throws(RPCStatus)
}
