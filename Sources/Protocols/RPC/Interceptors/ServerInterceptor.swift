/// Runs around each call of a service: logs, measures, traces or refuses it.
public protocol ServerInterceptor: Sendable {
  /// Runs around one call.
  ///
  /// `proceed` runs the inner interceptors and the handler with the given context, and returns
  /// once the handler has answered; it rethrows the handler's error. Call it once, or throw the
  /// call's status instead.
  func intercept(
    _ context: ServerContext, _ proceed: (ServerContext) async throws -> Void
  ) async throws
}

extension Service {
  /// The same service with interceptors around each call: the first is the outermost.
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
