import RPC

extension CallOptions {
  /// Of a call that serves the one under way: it belongs to the same trace.
  init(servingUntil deadline: ContinuousClock.Instant) {
    self.init(metadata: TraceContext.current, deadline: Deadline(instant: deadline))
  }
}
