import Timing

/// Decides whether a small read may run on the caller's thread, which has other work: as long as
/// the pages are in memory. After a slow read, reads run on other threads for a while; the pause
/// grows with each slow read.
struct ReadingPace {
  typealias Instant = ContinuousClock.Instant

  private var slowUntil: Instant?
  private var pause = Self.pauseMin
  private var quickReads = 0

  /// A read from memory takes a hundredth of this.
  static let durationMax = Duration.milliseconds(1)
  static let pauseMin = Duration.milliseconds(20)
  static let pauseMax = Duration.seconds(5)
  /// This many quick reads reset the pause: the slow one may have been a scheduling delay.
  static let quickReadsToTrust = 100

  mutating func allowsInPlace(at now: Instant) -> Bool {
    guard let slowUntil else { return true }
    if now < slowUntil { return false }
    self.slowUntil = nil
    return true
  }

  /// - Parameters:
  ///   - duration: how long a read took on its caller's thread.
  ///   - end: when the read ended.
  mutating func note(_ duration: Duration, endingAt end: Instant) {
    if duration <= Self.durationMax {
      quickReads += 1
      if quickReads >= Self.quickReadsToTrust { pause = Self.pauseMin }
      return
    }
    quickReads = 0
    slowUntil = end + pause
    pause = min(pause * 4, Self.pauseMax)
  }
}
