import Metrics
import Synchronization
import Timing
import Tracing

/// A bounded queue of ended spans for export. Never blocks: spans without room are dropped and
/// counted.
package final class SpanQueue: Sendable {
  /// The bounds of the queue and of a batch.
  package struct Limits: Sendable {
    package var countMax = 8192
    package var bytesMax = 8 << 20
    package var batchMax = 512

    package init() {}
  }

  /// The fate of a span.
  enum Outcome: String, CaseIterable {
    case exported, dropped, failed
  }

  private struct State {
    var spans: [SpanRecord] = []
    var bytes = 0
  }

  let limits: Limits
  private let state = Watched(State())
  private let counts: InlineArray<3, Atomic<UInt64>> = InlineArray { _ in Atomic(0) }

  package init(_ limits: Limits = Limits()) {
    self.limits = limits
    state.look { $0.spans.reserveCapacity(limits.batchMax) }
  }

  /// Adds a span. Wakes the exporter only for the first span and for a full batch, since a wake-up
  /// for each call costs too much.
  package func add(_ span: SpanRecord) {
    let isTurn = state.look { state -> Bool? in
      guard state.spans.count < limits.countMax, state.bytes + span.byteCount <= limits.bytesMax
      else { return nil }
      state.spans.append(span)
      state.bytes += span.byteCount
      return state.spans.count == 1 || state.spans.count == limits.batchMax
    }
    guard let isTurn else { return count(1, .dropped) }
    if isTurn { state.change { _ in } }
  }

  func count(_ spans: Int, _ outcome: Outcome) {
    counts[outcome.index].wrappingAdd(UInt64(spans), ordering: .relaxed)
  }

  func count(of outcome: Outcome) -> UInt64 { counts[outcome.index].load(ordering: .relaxed) }

  // MARK: For the exporter

  /// The next batch, oldest spans first; nil if there is none.
  func batch() -> [SpanRecord]? {
    state.look { state in
      guard !state.spans.isEmpty else { return nil }
      let batch = Array(state.spans.prefix(limits.batchMax))
      state.spans.removeFirst(batch.count)
      state.bytes -= batch.reduce(0) { $0 + $1.byteCount }
      return batch
    }
  }

  /// Returns the batch to the front.
  func putBack(_ batch: [SpanRecord]) {
    state.look { state in
      state.spans.insert(contentsOf: batch, at: 0)
      state.bytes += batch.reduce(0) { $0 + $1.byteCount }
    }
  }

  var isEmpty: Bool { state.look { $0.spans.isEmpty } }

  /// Waits for a span. Returns false once the task is cancelled.
  func waitForSpan() async -> Bool {
    await state.wait { $0.spans.isEmpty ? nil : () } != nil
  }

  /// Waits until a batch is full.
  func waitForBatch() async {
    await state.wait { [limits] in $0.spans.count >= limits.batchMax ? () : nil }
  }
}

extension SpanQueue.Outcome {
  fileprivate var index: Int {
    switch self {
    case .exported: 0
    case .dropped: 1
    case .failed: 2
    }
  }
}

extension SpanQueue: Measured {
  package func write(to exposition: inout Exposition) {
    exposition.family(
      "outrider_trace_spans_total", .counter,
      "Spans by what became of them: exported; dropped, since the queue was full; failed to be "
        + "exported."
    ) { family in
      for outcome in Outcome.allCases {
        family.add(count(of: outcome), ["outcome": outcome.rawValue])
      }
    }
  }
}
