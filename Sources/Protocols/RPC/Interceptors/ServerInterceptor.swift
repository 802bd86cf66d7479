/// What runs around every call of the services that it is put on: to log, measure, trace, or refuse
/// it.
public protocol ServerInterceptor: Sendable {
  /// Runs around one call.
  ///
  /// `proceed` runs what is within, with the context that it is given, and returns once the handler
  /// has answered; it throws what the handler threw. An interceptor calls it once, or throws the
  /// call's status instead.
  func intercept(
    _ context: ServerContext, _ proceed: (ServerContext) async throws -> Void
  ) async throws
}

extension Service {
  /// The same service, with each call going through the interceptors: the first is the outermost.
  public func intercepted(by interceptors: [any ServerInterceptor]) -> Service {
    mapHandlers { _, handler in
      interceptors.reversed().reduce(handler) { $0.intercepted(by: $1) }
    }
  }
}

extension Handler {
  fileprivate func intercepted(by interceptor: any ServerInterceptor) -> Handler {
    switch self {
    case .unary(let handle):
      .unary { request, context in
        try await interceptor.answer(context) { try await handle(request, $0) }
      }
    case .clientStreaming(let handle):
      .clientStreaming { requests, context in
        try await interceptor.answer(context) { try await handle(requests, $0) }
      }
    case .serverStreaming(let handle):
      .serverStreaming { request, responses, context in
        try await interceptor.intercept(context) { try await handle(request, responses, $0) }
      }
    case .bidirectional(let handle):
      .bidirectional { requests, responses, context in
        try await interceptor.intercept(context) { try await handle(requests, responses, $0) }
      }
    }
  }
}

extension ServerInterceptor {
  fileprivate func answer(
    _ context: ServerContext, _ handle: (ServerContext) async throws -> Message
  ) async throws -> Message {
    var answer: Message?
    try await intercept(context) { answer = try await handle($0) }
    guard let answer else {
      throw RPCStatus(.internal, "an interceptor neither proceeded nor refused the call")
    }
    return answer
  }
}
