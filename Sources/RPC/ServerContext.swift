/// What a handler sees of its call, beside the messages.
///
/// It is valid on any thread, and stays valid after the call, when setting anything has no effect.
public struct ServerContext: Sendable {
  package let call: any ServerCall
  private var provedCaller: Caller?

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

  /// Who calls, as far as that was proved. An interceptor that checks a proof sets it.
  public var caller: Caller {
    get { provedCaller ?? call.caller }
    set { provedCaller = newValue }
  }

  /// Whether a compressed message came. Unary calls have all of theirs when the handler begins.
  public var isRequestCompressed: Bool { call.isRequestCompressed }

  /// Has the responses from here on compressed, if the client takes that. It is announced ahead of the first
  /// one, so a handler that wants it for any asks for it before that; later it may change its mind
  /// from message to message.
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
  var caller: Caller { get }
  var isRequestCompressed: Bool { get }

  func setInitialMetadata(_ metadata: Metadata)
  func setTrailingMetadata(_ metadata: Metadata)
  func setCompression(_ compression: Compression)

  /// Sends one response; waits while what was sent before fills its bound.
  func send(_ message: Message) async throws(RPCStatus)
}
