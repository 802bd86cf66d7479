import Tracing

/// Carries the caller's trace context over to calls made for its call, and records a span for each
/// call whose trace is recorded.
public struct TraceCarrier: ServerInterceptor {
  private let tracer: Tracer?

  /// - Parameter tracer: decides which calls are recorded; nil: none.
  public init(_ tracer: Tracer? = nil) { self.tracer = tracer }

  public func intercept(
    _ context: ServerContext, _ proceed: (ServerContext) async throws -> Void
  ) async throws {
    guard let tracer else { return try await carry(context, proceed) }
    let caller = context.metadata.callersSpan
    let method = context.method
    guard let span = tracer.serving(caller, method.spanName, method.spanAttributes) else {
      // A malformed trace context is dropped (section 4.3 of Trace Context).
      return caller == nil ? try await proceed(context) : try await carry(context, proceed)
    }
    do {
      try await Span.$current.withValue(span) { try await proceed(context) }
      span.end(.ok, at: .server)
    } catch {
      span.end(RPCStatus(thrownByHandler: error).code.asSeen(by: context), at: .server)
      throw error
    }
  }

  private func carry(
    _ context: ServerContext, _ proceed: (ServerContext) async throws -> Void
  ) async throws {
    let trace = TraceContext.part(of: context.metadata)
    if trace.isEmpty { return try await proceed(context) }
    try await TraceContext.$current.withValue(trace) { try await proceed(context) }
  }
}

extension RPCStatus.Code {
  /// A handler is cancelled once no caller waits for its answer. Its later result does not become
  /// the call's status.
  fileprivate func asSeen(by context: ServerContext) -> RPCStatus.Code {
    guard Task.isCancelled else { return self }
    return context.deadline.isPast ? .deadlineExceeded : .cancelled
  }
}

// MARK: - OpenTelemetry's semantic conventions for gRPC

extension Method {
  var spanName: String { "\(service)/\(name)" }

  var spanAttributes: [SpanAttribute] {
    [
      SpanAttribute("rpc.system", "grpc"), SpanAttribute("rpc.service", .text(service)),
      SpanAttribute("rpc.method", .text(name)),
    ]
  }
}

extension Span {
  /// Ends the span of a call.
  func end(_ code: RPCStatus.Code, at side: SpanKind) {
    set("rpc.grpc.status_code", code.rawValue)
    end(isFailed: side == .client ? code != .ok : code.isServersFault)
  }
}

extension RPCStatus.Code {
  /// True if the server failed, false if it refused a caller's mistake.
  fileprivate var isServersFault: Bool {
    switch self {
    case .unknown, .deadlineExceeded, .unimplemented, .internal, .unavailable, .dataLoss: true
    default: false
    }
  }
}
