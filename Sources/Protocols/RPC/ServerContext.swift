/// A handler's view of its call, beside the messages.
///
/// Thread-safe. Remains valid after the call, but then setters have no effect.
public struct ServerContext: Sendable {
  package let call: any ServerCall

  package init(_ call: any ServerCall) {
    self.call = call
  }

  public var method: Method { call.method }
  /// The caller's headers, without gRPC's own.
  public var metadata: Metadata { call.requestMetadata }
  /// Pass it on to calls made for this one.
  public var deadline: Deadline { call.deadline }
  /// The peer's address, for logs: "127.0.0.1:50312", "unix:", "in-process".
  public var peer: String { call.peer }

  /// The caller, as far as proven: the one that was admitted or refused, else the connection's.
  public var caller: Caller {
    switch call.admission {
    case .success(let admission)?: admission.caller
    case .failure(let refusal)?: refusal.caller ?? call.caller
    case nil: call.caller
    }
  }

  /// True once a compressed message arrived. Unary calls have their message when the handler
  /// begins.
  public var isRequestCompressed: Bool { call.isRequestCompressed }

  /// Changes the bytes that the handler holds for this call beside its messages, for example a
  /// page read from a store. They count as the call's until it ends.
  ///
  /// Throws RESOURCE_EXHAUSTED if the limit of the connection or the process is exceeded, and
  /// CANCELLED once the call is over.
  public func hold(_ bytes: Int) async throws(RPCStatus) {
    try await call.hold(bytes)
  }

  /// Sets the compression of later responses, if the client accepts it. Compression must first be
  /// requested before the first response, whose headers announce it; then it may change from
  /// message to message.
  public func setCompression(_ compression: Compression) {
    call.setCompression(compression)
  }

  /// Sent before the first response; no effect after it.
  public func setInitialMetadata(_ metadata: Metadata) {
    call.setInitialMetadata(metadata)
  }

  /// Sent with the status, after a thrown status's own metadata.
  public func setTrailingMetadata(_ metadata: Metadata) {
    call.setTrailingMetadata(metadata)
  }
}

/// The server's side of one call in a transport. All members are thread-safe.
package protocol ServerCall: MessageSource {
  var method: Method { get }
  var requestMetadata: Metadata { get }
  var deadline: Deadline { get }
  var peer: String { get }
  /// The connection's caller.
  var caller: Caller { get }
  /// Nil without an admission.
  var admission: Result<Admission, Refusal>? { get }
  var isRequestCompressed: Bool { get }

  func setInitialMetadata(_ metadata: Metadata)
  func setTrailingMetadata(_ metadata: Metadata)
  func setCompression(_ compression: Compression)

  /// As `ServerContext.hold`.
  func hold(_ bytes: Int) async throws(RPCStatus)

  /// Sends one response; suspends while the send buffer is full.
  func send(_ message: Message) async throws(RPCStatus)
}
