import RPC

extension CallOptions {
  /// Of a call that serves the one under way: it belongs to the same trace. Where that is recorded
  /// here, `CallSpans` says so.
  init(servingUntil deadline: ContinuousClock.Instant) {
    self.init(metadata: TraceContext.current, deadline: Deadline(instant: deadline))
  }
}
