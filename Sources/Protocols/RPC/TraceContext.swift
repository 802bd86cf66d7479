import Tracing

/// Where the call that is being served stands in its caller's trace (W3C, *Trace Context*, level
/// 1), where this process records nothing of it.
///
/// It goes with the task, so that whatever calls are made for a call can take it along. It is
/// handed on as it came: a participant that makes no spans of its own changes nothing (section 3.4
/// there). Where this process records the call, `Span.current` takes its place.
public enum TraceContext {
  /// `traceparent` and `tracestate`; empty where the caller traces nothing.
  @TaskLocal public static var current: Metadata = [:]

  /// The `traceparent` that a line of the log names; nil where nothing is traced.
  public static var traceparent: String? {
    Span.current?.context.traceparent ?? current["traceparent"]
  }

  private static let names = ["traceparent", "tracestate"]

  /// The part of a call's metadata that is about its trace.
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
  /// The caller's span; nil where these headers tell of none, or of several.
  var callersSpan: SpanContext? {
    var context: SpanContext?
    var count = 0
    forEach { name, value in
      guard name.elementsEqual("traceparent".utf8) else { return }
      count += 1
      context = SpanContext(traceparent: value)
    }
    guard count == 1, var context else { return nil }
    // Whoever records it passes it on; else the headers are passed on as they are.
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
