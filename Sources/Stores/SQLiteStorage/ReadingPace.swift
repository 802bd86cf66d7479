import Timing

/// Whether a small read may be made on the caller's thread, which has other work to do meanwhile:
/// as long as the pages are at hand. One that takes long has others go to threads for a while; the
/// more of them there are, the longer.
struct ReadingPace {
  typealias Instant = ContinuousClock.Instant

  private var slowUntil: Instant?
  private var pause = Self.pauseMin
  private var quickReads = 0

  /// A read from memory takes a hundredth of it.
  static let durationMax = Duration.milliseconds(1)
  static let pauseMin = Duration.milliseconds(20)
  static let pauseMax = Duration.seconds(5)
  /// So many quick ones make good for a slow one: that may have been the processor's fault.
  static let quickReadsToTrust = 100

  mutating func allowsInPlace(at now: Instant) -> Bool {
    guard let slowUntil else { return true }
    if now < slowUntil { return false }
    self.slowUntil = nil
    return true
  }

  /// - Parameters:
  ///   - duration: how long a read took on its caller's thread.
  ///   - end: when it was over.
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
