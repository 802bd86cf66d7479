import RPC

extension CallOptions {
  /// Options for a call on behalf of the current one: it joins the trace, with a span of ours if
  /// `CallSpans` records it.
  init(servingUntil deadline: ContinuousClock.Instant) {
    self.init(metadata: TraceContext.current, deadline: Deadline(instant: deadline))
  }
}
