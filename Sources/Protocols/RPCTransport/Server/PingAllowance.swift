/// Limits a client's PINGs (CVE-2019-9512; gRPC, `doc/keepalive.md`, server enforcement).
///
/// A state machine. A PING is free if something was sent since the last: clients measure a
/// connection's bandwidth by a PING with the data they receive.
struct PingAllowance {
  let intervalMin: Duration
  let strikesMax: Int

  private var last: (time: ContinuousClock.Instant, streamFramesSent: Int)?
  private var strikes = 0

  init(intervalMin: Duration, strikesMax: Int) {
    self.intervalMin = intervalMin
    self.strikesMax = strikesMax
  }

  /// Counts a PING, given the number of stream frames sent so far. True once the client exceeds
  /// the limit.
  mutating func isOneTooMany(at now: ContinuousClock.Instant, streamFramesSent: Int) -> Bool {
    defer { last = (now, streamFramesSent) }
    guard let last, last.streamFramesSent == streamFramesSent else {
      strikes = 0
      return false
    }
    if last.time.duration(to: now) < intervalMin { strikes += 1 }
    return strikes > strikesMax
  }
}
