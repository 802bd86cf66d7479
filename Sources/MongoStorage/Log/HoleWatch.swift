/// Decides when a reader of the log fills a hole: positions that were reserved and are empty while
/// one behind them is taken.
///
/// A state machine for one partition. Correctness does not rest on it, but on the unique index: a
/// writer whose position was filled takes another. It only sees to it that a slow writer is given
/// time, and a dead one not too much.
struct HoleWatch {
  enum Decision: Equatable {
    /// Look again after this long.
    case wait(Duration)
    /// The writer is given up.
    case fill
  }

  /// The hole that readers stand at, and since when.
  private var hole: (positions: Range<UInt64>, since: ContinuousClock.Instant)?
  private let limits: (min: Duration, max: Duration)
  private let interval: (min: Duration, max: Duration)
  /// The longest that an insert took lately, of those that were heard of.
  private var slowest = Duration.zero

  init(
    limits: (min: Duration, max: Duration) = Limits.holePatience,
    interval: (min: Duration, max: Duration) = Limits.holeInterval
  ) {
    self.limits = limits
    self.interval = interval
  }

  /// How long a hole is left open: several times what inserts take, and never below a second.
  var patience: Duration { min(max(slowest * 4, limits.min), limits.max) }

  /// A reader found these positions empty, and the one behind them taken.
  mutating func found(
    _ positions: Range<UInt64>, now: ContinuousClock.Instant
  ) -> Decision {
    // Part of a hole that was seen before was empty then, too.
    let since =
      if let hole, hole.positions.clamped(to: positions) == positions { hole.since } else { now }
    hole = (positions, since)
    let age = now - since
    if age >= patience { return .fill }
    return .wait(min(max(age / 2, interval.min), interval.max, patience - age))
  }

  /// A reader came past a position, by a commit in it: what was a hole there took so long.
  mutating func passed(_ position: UInt64, now: ContinuousClock.Instant) {
    guard let hole, hole.positions.lowerBound <= position else { return }
    if hole.positions.contains(position) { learn(now - hole.since) }
    if hole.positions.upperBound <= position + 1 { self.hole = nil }
  }

  /// An insert took so long. Slow ones count at once, and are forgotten little by little.
  mutating func learn(_ latency: Duration) {
    slowest = max(latency, slowest * 0.98)
  }
}
