/// A rate limit: a burst, and then a number of times each second.
///
/// A state machine: the caller passes the time.
struct RateLimit {
  let burst: Int
  let eachSecond: Int

  private var left: Double
  private var last: ContinuousClock.Instant?

  init(burst: Int, eachSecond: Int) {
    self.burst = burst
    self.eachSecond = eachSecond
    left = Double(burst)
  }

  /// Counts one occurrence. False once the limit is exceeded.
  mutating func allows(at now: ContinuousClock.Instant) -> Bool {
    if let last {
      let passed = last.duration(to: now) / .seconds(1)
      left = min(left + passed * Double(eachSecond), Double(burst))
    }
    last = now
    left -= 1
    return left >= 0
  }
}
