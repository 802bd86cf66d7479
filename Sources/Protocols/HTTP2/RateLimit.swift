/// How often something may happen: so many times at once, and then so many times each second.
///
/// A state machine: it is told what time it is.
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

  /// It happens. False once that is too often.
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
