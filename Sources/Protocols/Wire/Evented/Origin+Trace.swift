import EventModel
import Names
import Tracing

// The span that led to a commit stands among its headers, as `traceparent` and `tracestate`: so the
// events themselves tell whoever handles them later, wherever that is.

extension Origin {
  /// The span that led to it; nil where none was recorded.
  public var cause: SpanContext? {
    guard !annotations.isEmpty, let annotations = try? Evented.Annotations(self),
      let traceparent = annotations.headers[Self.traceparent]
    else { return nil }
    return SpanContext(
      traceparent: traceparent, state: annotations.headers[Self.tracestate] ?? "")
  }

  /// The origin with the span that led to it. What the client has put there itself stays.
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
