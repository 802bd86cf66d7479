import EventModel
import Names
import Tracing

// The span that caused a commit is stored in its headers, as `traceparent` and `tracestate`, so
// that every later handler of the events finds it.

extension Origin {
  /// The causing span; nil if none was recorded.
  public var cause: SpanContext? {
    guard !annotations.isEmpty, let annotations = try? Evented.Annotations(self),
      let traceparent = annotations.headers[Self.traceparent]
    else { return nil }
    return SpanContext(
      traceparent: traceparent, state: annotations.headers[Self.tracestate] ?? "")
  }

  /// The origin with the causing span. Keeps a span from the client.
  public func caused(by span: SpanContext) throws(WireError) -> Origin {
    var annotations = try Evented.Annotations(self)
    guard annotations.headers[Self.traceparent] == nil else { return self }
    annotations.headers[Self.traceparent] = span.traceparent
    annotations.headers[Self.tracestate] = span.state.isEmpty ? nil : span.state
    return Origin(correlation: correlation, annotations)
  }

  private static let traceparent: Name = "traceparent"
  private static let tracestate: Name = "tracestate"
}
