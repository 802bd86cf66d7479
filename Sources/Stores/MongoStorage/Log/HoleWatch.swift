/// Decides when a reader of the log fills a hole: empty reserved positions before one that is
/// taken.
///
/// A state machine for one partition. Correctness depends on the unique index, not on it: a
/// writer whose position was filled takes another. It only balances the time for a slow writer
/// against the wait for a dead one.
struct HoleWatch {
  enum Decision: Equatable {
    /// Check again after this time.
    case wait(Duration)
    /// The writer is given up: fill the hole.
    case fill
  }

  private struct Hole {
    var positions: Range<UInt64>
    /// The times when a reader first and last met the hole.
    let since: ContinuousClock.Instant
    var seen: ContinuousClock.Instant
    /// Readers are filling it, so its age says nothing about its writer.
    var isGivenUp = false
  }

  /// The holes where readers wait.
  private var holes: [Hole] = []
  private let limits: (min: Duration, max: Duration)
  private let interval: (min: Duration, max: Duration)
  /// The longest recent latency of an insert that is known, which decays.
  private var slowest = Duration.zero

  init(
    limits: (min: Duration, max: Duration) = Limits.holePatience,
    interval: (min: Duration, max: Duration) = Limits.holeInterval
  ) {
    self.limits = limits
    self.interval = interval
  }

  /// How long a hole is left open: several times the latency of inserts, and at least a second.
  var patience: Duration { min(max(slowest * 4, limits.min), limits.max) }

  /// A reader met a hole: these positions are empty, and the next one is taken.
  mutating func found(
    _ positions: Range<UInt64>, now: ContinuousClock.Instant
  ) -> Decision {
    // A part of a known hole was empty before, too.
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

  /// Adds the hole; drops the least recently seen one if there are too many.
  private mutating func remember(_ hole: Hole) {
    if holes.count >= Limits.holesWatched,
      let index = holes.indices.min(by: { holes[$0].seen < holes[$1].seen })
    {
      holes.remove(at: index)
    }
    holes.append(hole)
  }

  /// A reader passed these positions: holes among them took this long to fill.
  mutating func passed(_ positions: ClosedRange<UInt64>, now: ContinuousClock.Instant) {
    for hole in holes where hole.positions.overlaps(positions) && !hole.isGivenUp {
      learn(now - hole.since)
    }
    holes.removeAll { positions.contains($0.positions.upperBound - 1) }
  }

  /// Records the latency of an insert. Slow ones count at once, and decay slowly.
  mutating func learn(_ latency: Duration) {
    slowest = max(latency, slowest * 0.98)
  }
}
