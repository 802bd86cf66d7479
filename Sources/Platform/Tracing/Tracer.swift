import Synchronization
import Timing

/// Decides which spans are recorded, and begins them.
public final class Tracer: Sendable {
  /// The most links of one span.
  public static let linksMax = 32

  let environment: Environment
  let record: @Sendable (SpanRecord) -> Void
  private let random: FastRandom
  /// The sampling bound: a trace is recorded if its id's lower half is below it; `UInt64.max`: all
  /// are. OpenTelemetry's ratio sampler decides the same way.
  private let bound: Atomic<UInt64>

  /// - Parameters:
  ///   - rate: the sampling rate of traces that begin here, from 0 to 1.
  ///   - record: exports an ended span. Called from any task; it must not block.
  public init(
    rate: Double, environment: Environment = .live,
    record: @escaping @Sendable (SpanRecord) -> Void
  ) {
    self.environment = environment
    self.record = record
    random = FastRandom(seededBy: environment.random)
    bound = Atomic(Self.bound(of: rate))
  }

  /// Sets the sampling rate of traces that begin from now on.
  public func setRate(_ rate: Double) {
    bound.store(Self.bound(of: rate), ordering: .relaxed)
  }

  private static func bound(of rate: Double) -> UInt64 {
    rate >= 1 ? .max : UInt64(max(rate, 0) * 0x1p64)
  }

  /// Begins the span that serves a call: in its caller's trace if there is one, else in a new one.
  /// Nil if that trace is not recorded.
  ///
  /// - Parameter caller: the calling span; nil if the call carries none.
  public func serving(
    _ caller: SpanContext?, _ name: @autoclosure () -> String,
    _ attributes: @autoclosure () -> [SpanAttribute]
  ) -> Span? {
    guard let caller else {
      guard let trace = newTrace() else { return nil }
      return first(SpanContext(trace: trace, span: newSpan()), name(), .server, attributes())
    }
    guard caller.isSampled else { return nil }
    return first(
      newChild(of: caller), name(), .server, attributes(), parent: caller.span)
  }

  /// Begins a new trace for asynchronous work, linked to its causes. Recorded if a cause was
  /// recorded, or by the rate; else nil.
  ///
  /// A cause is a link, never the parent: repeated work for one cause would make an endless trace.
  public func following(
    _ causes: [SpanContext], _ name: @autoclosure () -> String, _ kind: SpanKind,
    _ attributes: @autoclosure () -> [SpanAttribute]
  ) -> Span? {
    let isWanted = causes.contains(where: \.isSampled)
    guard let trace = isWanted ? anyTrace() : newTrace() else { return nil }
    return first(
      SpanContext(trace: trace, span: newSpan()), name(), kind, attributes(), causes: causes)
  }

  /// A context that marks a call as not sampled, so that no callee begins a trace.
  public func unrecorded() -> SpanContext {
    SpanContext(trace: anyTrace(), span: newSpan(), flags: 0)
  }

  private func first(
    _ context: SpanContext, _ name: String, _ kind: SpanKind, _ attributes: [SpanAttribute],
    parent: UInt64? = nil, causes: [SpanContext] = []
  ) -> Span {
    Span(
      SpanRecord(
        context: context, parent: parent, isParentRemote: parent != nil, name: name, kind: kind,
        began: environment.now(), links: Array(causes.prefix(Self.linksMax)),
        linksOmitted: max(causes.count - Self.linksMax, 0)),
      attributes, of: self, SpanFamily())
  }

  func newChild(of parent: SpanContext) -> SpanContext {
    var context = parent
    context.span = newSpan()
    return context
  }

  /// Nil if the sampling rate leaves it out.
  private func newTrace() -> TraceID? {
    let low = random.next()
    let bound = bound.load(ordering: .relaxed)
    guard bound == .max || low < bound else { return nil }
    return TraceID(high: newSpan(), low: low)
  }

  private func anyTrace() -> TraceID { TraceID(high: newSpan(), low: random.next()) }

  /// Zero is no id (section 3.2.2.4 of Trace Context).
  private func newSpan() -> UInt64 { max(random.next(), 1) }
}
