/// A way to a server: the caller's port, that `HTTP2Channel` and `InProcessChannel` implement.
///
/// A call ends early, and tells the server so, when the calling task is cancelled.
public protocol RPCChannel: Sendable {
  /// One request, one response. Throws the call's status unless that is OK.
  func unary(
    _ method: Method, _ request: Message, _ options: CallOptions
  ) async throws(RPCStatus) -> Message

  /// Opens a call in which either side may send many messages. Throws if it cannot be opened; what
  /// happens to it later is told by `ClientCall`.
  func stream(_ method: Method, _ options: CallOptions) async throws(RPCStatus) -> ClientCall

  /// Cancels the calls in flight and closes. A call made afterwards fails with UNAVAILABLE.
  func close() async
}

extension RPCChannel {
  /// One request, one response, without options.
  public func unary(_ method: Method, _ request: Message) async throws(RPCStatus) -> Message {
    try await unary(method, request, CallOptions())
  }

  /// Opens a call with streams both ways, without options.
  public func stream(_ method: Method) async throws(RPCStatus) -> ClientCall {
    try await stream(method, CallOptions())
  }

  /// One request, many responses: opens the call, sends the request, and finishes sending.
  public func serverStreaming(
    _ method: Method, _ request: Message, _ options: CallOptions = CallOptions()
  ) async throws(RPCStatus) -> ClientCall {
    let call = try await stream(method, options)
    try await call.send(request)
    call.finishSending()
    return call
  }
}
