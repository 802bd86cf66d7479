/// Exponential back-off with jitter, so that clients do not retry in step (Brooker, *Exponential
/// Backoff And Jitter*, 2015).
public struct Backoff: Sendable, Equatable {
  public var delayMin: Duration
  public var delayMax: Duration
  /// The growth of each delay over the one before.
  public var multiplier: Double
  /// The range of the random factor on each delay. The default keeps the lower half as a floor, so
  /// that no attempt follows at once.
  public var spread: ClosedRange<Double>
  /// Nil: the next delay is the first.
  private var delay: Duration?

  public init(
    from delayMin: Duration = .milliseconds(10), upTo delayMax: Duration = .seconds(2),
    multiplier: Double = 2, spread: ClosedRange<Double> = 0.5...1
  ) {
    self.delayMin = delayMin
    self.delayMax = delayMax
    self.multiplier = multiplier
    self.spread = spread
  }

  /// The next delay.
  ///
  /// - Parameter random: 64 random bits.
  public mutating func next(random: UInt64) -> Duration {
    next(fraction: Double(random >> 11) / Double(UInt64(1) << 53))
  }

  /// The next delay.
  ///
  /// - Parameter fraction: the place in the spread, from 0 to 1.
  public mutating func next(fraction: Double) -> Duration {
    let delay = delay ?? min(delayMin, delayMax)
    self.delay = min(delay * multiplier, delayMax)
    return delay * (spread.lowerBound + (spread.upperBound - spread.lowerBound) * fraction)
  }

  /// Returns to the first delay, after a success.
  public mutating func reset() { delay = nil }
}
