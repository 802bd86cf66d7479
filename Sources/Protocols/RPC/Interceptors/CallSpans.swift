import Tracing

/// Sends the trace context with each call, and records a span for it if the trace is recorded.
public struct CallSpans: ClientInterceptor {
  private let tracer: Tracer
  private let server: [SpanAttribute]

  /// - Parameters:
  ///   - host: the server as configured: a name, an address or a path.
  ///   - port: nil for a path.
  public init(_ tracer: Tracer, to host: String, port: Int?) {
    self.tracer = tracer
    server =
      [SpanAttribute("server.address", .text(host))]
      + (port.map { [SpanAttribute("server.port", .number(Int64($0)))] } ?? [])
  }

  public func begin(
    _ method: Method, _ options: inout CallOptions
  ) async throws(RPCStatus) -> (@Sendable (RPCStatus) -> Void)? {
    guard let current = Span.current else {
      // Without a context the server would decide by itself, and record traces that begin in the
      // middle.
      if !options.metadata.contains("traceparent") { options.metadata.append(tracer.unrecorded()) }
      return nil
    }
    guard
      let span = current.child(
        method.spanName, .client, attributes: method.spanAttributes + server)
    else {
      options.metadata.append(current.context.unsampled)
      return nil
    }
    options.metadata.append(span.context)
    return { span.end($0.code, at: .client) }
  }
}
