/// How often a client may ask for a sign of life (CVE-2019-9512; gRPC, `doc/keepalive.md`, server
/// enforcement).
///
/// A state machine. A PING is free when there is something new to react to: clients measure a
/// connection's bandwidth by a PING with what they receive.
struct PingAllowance {
  let intervalMin: Duration
  let strikesMax: Int

  private var last: (time: ContinuousClock.Instant, streamFramesSent: Int)?
  private var strikes = 0

  init(intervalMin: Duration, strikesMax: Int) {
    self.intervalMin = intervalMin
    self.strikesMax = strikesMax
  }

  /// A PING came, when so many frames had been sent on streams. True once the client has gone too
  /// far.
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
