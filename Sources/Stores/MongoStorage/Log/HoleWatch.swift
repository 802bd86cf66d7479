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

  private struct Hole {
    var positions: Range<UInt64>
    /// When a reader stood there first, and last.
    let since: ContinuousClock.Instant
    var seen: ContinuousClock.Instant
    /// Readers fill it: how long that takes says nothing of its writer.
    var isGivenUp = false
  }

  /// The holes that readers stand at.
  private var holes: [Hole] = []
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
    let known = holes.firstIndex { $0.positions.clamped(to: positions) == positions }
    var hole =
      known.map { holes.remove(at: $0) } ?? Hole(positions: positions, since: now, seen: now)
    hole.positions = positions
    hole.seen = now
    let age = now - hole.since
    hole.isGivenUp = age >= patience
    remember(hole)
    if hole.isGivenUp { return .fill }
    return .wait(min(max(age / 2, interval.min), interval.max, patience - age))
  }

  /// Forgets the hole that no reader has stood at for longest, where there are too many.
  private mutating func remember(_ hole: Hole) {
    if holes.count >= Limits.holesWatched,
      let index = holes.indices.min(by: { holes[$0].seen < holes[$1].seen })
    {
      holes.remove(at: index)
    }
    holes.append(hole)
  }

  /// A reader came past these positions: holes that lay there took so long to be filled.
  mutating func passed(_ positions: ClosedRange<UInt64>, now: ContinuousClock.Instant) {
    for hole in holes where hole.positions.overlaps(positions) && !hole.isGivenUp {
      learn(now - hole.since)
    }
    holes.removeAll { positions.contains($0.positions.upperBound - 1) }
  }

  /// An insert took so long. Slow ones count at once, and are forgotten little by little.
  mutating func learn(_ latency: Duration) {
    slowest = max(latency, slowest * 0.98)
  }
}
