import Glibc
import Timing

/// The back-off between tries of one write, on a thread that may block.
struct RetryPace {
  private let end: ContinuousClock.Instant
  private var backoff = Backoff(
    from: Limits.retryDelay.min, upTo: Limits.retryDelay.max, spread: 1...1)

  /// - Parameter end: no try begins after this.
  init(until end: ContinuousClock.Instant) { self.end = end }

  /// Blocks until the next try. Returns false if the time is up.
  mutating func pause() -> Bool {
    let now = ContinuousClock.now
    if now >= end { return false }
    usleep(UInt32(clamping: min(backoff.next(fraction: 1), end - now).microseconds))
    return true
  }
}
