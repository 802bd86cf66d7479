/// A channel to a server: the port of callers, implemented by `HTTP2Channel` and
/// `InProcessChannel`.
///
/// Cancelling the calling task cancels the call, also at the server.
public protocol RPCChannel: Sendable {
  /// A unary call. Throws the call's status unless it is OK.
  func unary(
    _ method: Method, _ request: Message, _ options: CallOptions
  ) async throws(RPCStatus) -> Message

  /// Opens a streaming call. Throws if it cannot be opened; later failures are reported by
  /// `ClientCall`.
  func stream(_ method: Method, _ options: CallOptions) async throws(RPCStatus) -> ClientCall

  /// Cancels running calls and closes. Later calls fail with UNAVAILABLE.
  func close() async
}

extension RPCChannel {
  /// A unary call without options.
  public func unary(_ method: Method, _ request: Message) async throws(RPCStatus) -> Message {
    try await unary(method, request, CallOptions())
  }

  /// Opens a bidirectional call without options.
  public func stream(_ method: Method) async throws(RPCStatus) -> ClientCall {
    try await stream(method, CallOptions())
  }

  /// A server-streaming call: opens the call, sends the request, and finishes sending.
  public func serverStreaming(
    _ method: Method, _ request: Message, _ options: CallOptions = CallOptions()
  ) async throws(RPCStatus) -> ClientCall {
    let call = try await stream(method, options)
    try await call.send(request)
    call.finishSending()
    return call
  }
}
