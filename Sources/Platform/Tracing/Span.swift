import Synchronization
import Timing

/// A timed operation in a recorded trace. Code outside a recorded trace has no span.
///
/// Task-local: whatever runs in the task is its child.
public final class Span: Sendable {
  /// Nil if nothing is recorded.
  @TaskLocal public static var current: Span?

  public var context: SpanContext { began.context }

  private let began: SpanRecord
  private let instant: ContinuousClock.Instant
  private let tracer: Tracer
  private let family: SpanFamily
  private let state: Mutex<State>

  private struct State {
    var attributes: [SpanAttribute]
    var hasEnded = false
  }

  init(
    _ began: SpanRecord, _ attributes: [SpanAttribute], of tracer: Tracer, _ family: SpanFamily
  ) {
    self.began = began
    self.tracer = tracer
    self.family = family
    instant = tracer.environment.instant()
    state = Mutex(State(attributes: attributes))
  }

  /// Begins a child span; nil if this process's share of the trace is full.
  ///
  /// - Parameter name: the operation and the kind of its object. No ids: tracing systems group by
  ///   name.
  public func child(
    _ name: String, _ kind: SpanKind = .internal, attributes: [SpanAttribute] = []
  ) -> Span? {
    guard family.admitsAnother() else { return nil }
    return Span(
      SpanRecord(
        context: tracer.newChild(of: context), parent: context.span, name: name, kind: kind,
        began: tracer.environment.now()),
      attributes, of: tracer, family)
  }

  /// Sets an attribute, replacing an earlier value of the key.
  public func set(_ key: String, _ value: SpanAttribute.Value) {
    state.withLock { state in
      if let index = state.attributes.firstIndex(where: { $0.key == key }) {
        state.attributes[index].value = value
      } else {
        state.attributes.append(SpanAttribute(key, value))
      }
    }
  }

  public func set(_ key: String, _ text: String) { set(key, .text(text)) }
  public func set(_ key: String, _ number: some BinaryInteger) {
    set(key, .number(Int64(clamping: number)))
  }

  /// Ends the span and exports it. Later calls have no effect.
  public func end(isFailed: Bool = false) {
    let attributes = state.withLock { state -> [SpanAttribute]? in
      if state.hasEnded { return nil }
      state.hasEnded = true
      return state.attributes
    }
    guard let attributes else { return }
    var record = began
    record.attributes = attributes
    record.isFailed = isFailed
    record.duration = instant.duration(to: tracer.environment.instant())
    if record.parent == nil || record.isParentRemote, family.omittedCount > 0 {
      record.attributes.append(
        SpanAttribute("outrider.spans.omitted", .number(Int64(family.omittedCount))))
    }
    tracer.record(record)
  }

  /// Runs the body within the span, and ends it. A thrown error marks the span failed.
  public func during<Value>(
    _ body: () async throws -> Value
  ) async throws -> Value {
    do {
      let value = try await Span.$current.withValue(self, operation: body)
      end()
      return value
    } catch {
      end(isFailed: true)
      throw error
    }
  }
}

/// The spans of one call or delivery in this process.
///
/// Bounded, so endless retries do not make an unreadable trace.
final class SpanFamily: Sendable {
  /// Not counting the first.
  static let childrenMax = 16

  private let childCount = Atomic(0)

  func admitsAnother() -> Bool {
    childCount.wrappingAdd(1, ordering: .relaxed).oldValue < Self.childrenMax
  }

  /// Spans left out beyond the bound.
  var omittedCount: Int { max(childCount.load(ordering: .relaxed) - Self.childrenMax, 0) }
}
