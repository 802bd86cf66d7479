import Synchronization
import Timing

/// Decides what is recorded, and begins the spans that are.
public final class Tracer: Sendable {
  /// Links that one span has at most.
  public static let linksMax = 32

  let environment: Environment
  let record: @Sendable (SpanRecord) -> Void
  private let random: FastRandom
  /// A trace is recorded if its id's lower half is below; `UInt64.max`: every one is.
  /// OpenTelemetry's sampler by ratio decides the same way.
  private let bound: Atomic<UInt64>

  /// - Parameters:
  ///   - rate: the part of the traces to record of those that begin here, from 0 to 1.
  ///   - record: takes a span that has ended. Called from any task; it must not block.
  public init(
    rate: Double, environment: Environment = .live,
    record: @escaping @Sendable (SpanRecord) -> Void
  ) {
    self.environment = environment
    self.record = record
    random = FastRandom(seededBy: environment.random)
    bound = Atomic(Self.bound(of: rate))
  }

  /// Has this part of the traces recorded that begin from now on.
  public func setRate(_ rate: Double) {
    bound.store(Self.bound(of: rate), ordering: .relaxed)
  }

  private static func bound(of rate: Double) -> UInt64 {
    rate >= 1 ? .max : UInt64(max(rate, 0) * 0x1p64)
  }

  /// Begins the span that serves a call: within its caller's trace where that is recorded, else in
  /// a new one. Nil where nothing is to be recorded.
  ///
  /// - Parameter caller: the span that makes the call; nil where it told of none.
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

  /// Begins a trace of its own for what was set off earlier, linked to what set it off. It is
  /// recorded where one of the causes was, or by the rate. Nil where it is not.
  ///
  /// A cause is never the parent: what is done again and again for it would make a trace without
  /// end.
  public func following(
    _ causes: [SpanContext], _ name: @autoclosure () -> String, _ kind: SpanKind,
    _ attributes: @autoclosure () -> [SpanAttribute]
  ) -> Span? {
    let isWanted = causes.contains(where: \.isSampled)
    guard let trace = isWanted ? anyTrace() : newTrace() else { return nil }
    return first(
      SpanContext(trace: trace, span: newSpan()), name(), kind, attributes(), causes: causes)
  }

  /// A trace that nobody records, for those who would begin one otherwise.
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

  /// Nil where the rate leaves it out.
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
