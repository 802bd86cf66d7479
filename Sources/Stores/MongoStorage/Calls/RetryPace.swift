import Glibc

/// How long to pause between two tries of one write, on a thread that may block.
struct RetryPace {
  private let end: ContinuousClock.Instant
  private var delay = Limits.retryDelay.min

  /// - Parameter end: no try begins after this.
  init(until end: ContinuousClock.Instant) { self.end = end }

  /// Blocks until the next try. False where time is up.
  mutating func pause() -> Bool {
    let now = ContinuousClock.now
    if now >= end { return false }
    usleep(UInt32(clamping: min(delay, end - now).microseconds))
    delay = min(delay * 2, Limits.retryDelay.max)
    return true
  }
}
