/// Observes the calls of a method without changing them; unlike an interceptor, it adds no cost of
/// its own.
public protocol ServerObserver: Sendable {
  /// Called at a call's begin. Returns the time, for `ended`.
  func began(_ context: ServerContext) -> ContinuousClock.Instant

  /// Called in the handler's task once the handler has ended with this code.
  func ended(
    _ context: ServerContext, _ code: RPCStatus.Code, since began: ContinuousClock.Instant)
}

extension Service {
  /// The same service with an observer for each method.
  public func observed(byEach observer: (Method) -> any ServerObserver) -> Service {
    mapHandlers { method, handler in handler.observed(by: observer(method)) }
  }
}

extension Handler {
  fileprivate func observed(by observer: any ServerObserver) -> Handler {
    switch self {
    case .unary(let handle):
      .unary { request, context in
        try await observer.watch(context) { () async throws in try await handle(request, context) }
      }
    case .clientStreaming(let handle):
      .clientStreaming { requests, context in
        try await observer.watch(context) { () async throws in try await handle(requests, context) }
      }
    case .serverStreaming(let handle):
      .serverStreaming { request, responses, context in
        try await observer.watch(context) { () async throws in
          try await handle(request, responses, context)
        }
      }
    case .bidirectional(let handle):
      .bidirectional { requests, responses, context in
        try await observer.watch(context) { () async throws in
          try await handle(requests, responses, context)
        }
      }
    }
  }
}

extension ServerObserver {
  @inline(__always)
  fileprivate func watch<Answer>(
    _ context: ServerContext, _ handle: () async throws -> Answer
  ) async throws -> Answer {
    let began = began(context)
    do {
      let answer = try await handle()
      ended(context, .ok, since: began)
      return answer
    } catch {
      ended(context, RPCStatus(thrownByHandler: error).code, since: began)
      throw error
    }
  }
}
