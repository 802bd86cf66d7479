/// Keeps the caller's trace for the calls that serve its own.
public struct TraceCarrier: ServerInterceptor {
  public init() {}

  public func intercept(
    _ context: ServerContext, _ proceed: (ServerContext) async throws -> Void
  ) async throws {
    let trace = TraceContext.part(of: context.metadata)
    if trace.isEmpty { return try await proceed(context) }
    try await TraceContext.$current.withValue(trace) { try await proceed(context) }
  }
}
