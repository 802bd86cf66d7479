/// Growing pauses between tries, spread at random so that many clients do not come back at once
/// ("full jitter", Brooker, *Exponential Backoff And Jitter*, 2015; the lower half is kept as a
/// floor so that no try follows at once).
public struct Backoff: Sendable {
  public var delayMin: Duration
  public var delayMax: Duration
  private var delay: Duration

  public init(from delayMin: Duration = .milliseconds(10), upTo delayMax: Duration = .seconds(2)) {
    self.delayMin = delayMin
    self.delayMax = delayMax
    delay = delayMin
  }

  /// The next pause; `random` is 64 random bits.
  public mutating func next(random: UInt64) -> Duration {
    let fraction = Double(random >> 11) / Double(UInt64(1) << 53)
    let pause = delay * (0.5 + fraction / 2)
    delay = min(delay * 2, delayMax)
    return pause
  }

  /// Starts again with short pauses, after something went well.
  public mutating func reset() { delay = delayMin }
}
