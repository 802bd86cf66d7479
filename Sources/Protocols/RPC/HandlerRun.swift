extension Handler {
  /// Runs a handler of any kind over the streams of a call.
  package func run(_ call: any ServerCall) async throws {
    let context = ServerContext(call)
    switch self {
    case .unary(let handle):
      try await call.send(handle(call.onlyMessage(), context))
    case .clientStreaming(let handle):
      try await call.send(handle(RequestStream(call), context))
    case .serverStreaming(let handle):
      try await handle(call.onlyMessage(), ResponseStream(call), context)
    case .bidirectional(let handle):
      try await handle(RequestStream(call), ResponseStream(call), context)
    }
  }
}

extension Handler {
  /// Shows a refused call to interceptors and observers. Reads nothing of its request.
  package func runRefused(_ call: any ServerCall) async throws {
    let context = ServerContext(call)
    switch self {
    case .unary(let handle): _ = try await handle([], context)
    case .clientStreaming(let handle): _ = try await handle(RequestStream(call), context)
    case .serverStreaming(let handle): try await handle([], ResponseStream(call), context)
    case .bidirectional(let handle):
      try await handle(RequestStream(call), ResponseStream(call), context)
    }
  }
}

extension MessageSource {
  /// The message of a direction that must have exactly one.
  ///
  /// Any other number is UNIMPLEMENTED (gRPC, `doc/statuscodes.md`, cardinality violation).
  package func onlyMessage() async throws(RPCStatus) -> Message {
    guard let message = try await nextMessage() else { throw RPCStatus.noMessage }
    guard try await nextMessage() == nil else { throw RPCStatus.secondMessage }
    return message
  }
}

extension RPCStatus {
  package static let noMessage = RPCStatus(
    .unimplemented, "there must be one message, and there was none")
  package static let secondMessage = RPCStatus(
    .unimplemented, "there must be one message, and there was a second")
}
