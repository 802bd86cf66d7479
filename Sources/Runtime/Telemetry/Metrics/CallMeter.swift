import Metrics
import RPC
import Synchronization
import Timing

/// Measures the calls of one method, at a server or to one target.
final class CallMeter: Sendable {
  private let started = Atomic<UInt64>(0)
  /// By status code. All are allocated at once, so that ending a call needs only these atomics.
  private let durations: InlineArray<17, LatencyHistogram>

  init() { durations = InlineArray { _ in LatencyHistogram() } }

  /// Begins a call; pass the result to `end`.
  func begin() -> ContinuousClock.Instant {
    started.wrappingAdd(1, ordering: .relaxed)
    return Environment.live.instant()
  }

  func end(_ code: RPCStatus.Code, since began: ContinuousClock.Instant) {
    durations[code.rawValue].record(began.duration(to: Environment.live.instant()))
  }

  var startedCount: UInt64 { started.load(ordering: .relaxed) }

  /// Durations of ended calls, for the codes that occurred.
  var readings: [(code: RPCStatus.Code, reading: HistogramReading)] {
    RPCStatus.Code.allCases.compactMap { code in
      durations[code.rawValue].reading.map { (code, $0) }
    }
  }
}

/// Measures the calls of one method of a server.
package struct ServerMeter: ServerObserver {
  let meter: CallMeter

  package func began(_ context: ServerContext) -> ContinuousClock.Instant { meter.begin() }

  /// A handler is cancelled once no caller waits for its answer. Its later result does not become
  /// the call's status.
  package func ended(
    _ context: ServerContext, _ code: RPCStatus.Code, since began: ContinuousClock.Instant
  ) {
    guard Task.isCancelled else { return meter.end(code, since: began) }
    meter.end(context.deadline.isPast ? .deadlineExceeded : .cancelled, since: began)
  }
}
