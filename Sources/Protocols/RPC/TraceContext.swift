import Tracing

/// The caller's trace context of the current call (W3C, *Trace Context*, level 1), if this process
/// records no span for it.
///
/// Task-local, so that calls made for this one can carry it. It is passed on unchanged, as a
/// participant without spans must do (section 3.4 there). If this process records the call,
/// `Span.current` takes its place.
public enum TraceContext {
  /// `traceparent` and `tracestate`; empty if the caller sends none.
  @TaskLocal public static var current: Metadata = [:]

  /// The `traceparent` for a log line; nil without a trace.
  public static var traceparent: String? {
    Span.current?.context.traceparent ?? current["traceparent"]
  }

  private static let names = ["traceparent", "tracestate"]

  /// The trace headers among a call's metadata.
  static func part(of metadata: Metadata) -> Metadata {
    guard metadata.contains(names[0]) else { return [:] }
    var part = Metadata()
    for name in names {
      for value in metadata.values(name) { part.append(name, value) }
    }
    return part
  }
}

extension Metadata {
  /// The caller's span; nil if the headers name none, or several.
  var callersSpan: SpanContext? {
    var context: SpanContext?
    var count = 0
    forEach { name, value in
      guard name.elementsEqual("traceparent".utf8) else { return }
      count += 1
      context = SpanContext(traceparent: value)
    }
    guard count == 1, var context else { return nil }
    // If sampled, we send our own span; otherwise forward the headers.
    if context.isSampled {
      let state = values("tracestate").joined(separator: ",")
      if state.utf8.count <= SpanContext.stateBytesMax { context.state = state }
    }
    return context
  }

  mutating func append(_ context: SpanContext) {
    let name: StaticString = "traceparent"
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: SpanContext.length) { value in
      context.writeTraceparent(to: value)
      appendUnchecked(
        name: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount),
        value: UnsafeBufferPointer(value))
    }
    if !context.state.isEmpty { append("tracestate", context.state) }
  }
}
