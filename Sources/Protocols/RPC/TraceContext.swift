/// Where the call that is being served stands in its caller's trace (W3C, *Trace Context*, level
/// 1).
///
/// It goes with the task, so that whatever calls are made for a call can take it along. It is
/// handed on as it came: a participant that makes no spans of its own changes nothing (section 3.4
/// there).
public enum TraceContext {
  /// `traceparent` and `tracestate`; empty where the caller traces nothing.
  @TaskLocal public static var current: Metadata = [:]

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
