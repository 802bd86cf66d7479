import RPC

/// Measures the calls of one method of a server.
package struct ServerMeter: ServerObserver {
  let meter: CallMeter

  package func began(_ context: ServerContext) -> ContinuousClock.Instant { meter.begin() }

  /// A handler is cancelled once nobody waits for its answer. What it then says does not become the
  /// call's status.
  package func ended(
    _ context: ServerContext, _ code: RPCStatus.Code, since began: ContinuousClock.Instant
  ) {
    guard Task.isCancelled else { return meter.end(code, since: began) }
    meter.end(context.deadline.isPast ? .deadlineExceeded : .cancelled, since: began)
  }
}
