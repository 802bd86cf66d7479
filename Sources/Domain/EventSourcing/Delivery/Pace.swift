import Synchronization
import Timing

/// A rate limit in events a second, so that a rebuild leaves room to commands.
///
/// It delays deliveries, not reads. Meanwhile more events of an aggregate arrive and join the
/// same book, so a slow rebuild makes as few writes as a quick one.
final class Pace: Sendable {
  /// Most events in one turn, for a tenth of a second's worth.
  let eventsMax: Int
  private let eventsPerSecond: Int
  private let environment: Environment
  private let turns = ConcurrencyLimit(1)
  private let due: Mutex<ContinuousClock.Instant>

  /// Shorter pauses are added to a later one, because timers would stretch each of them.
  static let pauseMin = Duration.milliseconds(5)

  /// - Parameter eventsPerSecond: at least 1.
  init(eventsPerSecond: Int, environment: Environment) {
    self.eventsPerSecond = max(eventsPerSecond, 1)
    self.environment = environment
    eventsMax = max(self.eventsPerSecond / 10, 1)
    due = Mutex(environment.instant())
  }

  /// Waits in order of arrival, then takes events. Throws `CancellationError`.
  ///
  /// - Parameter take: returns the result and its number of events.
  func turn<Taken>(_ take: () -> (Taken, events: Int)) async throws -> Taken {
    try await turns.run {
      let pause = due.withLock { $0 } - environment.instant()
      if pause > Self.pauseMin { try await environment.sleep(pause) }
      let (taken, events) = take()
      spend(events)
      return taken
    }
  }

  /// Idle time earns no credit.
  private func spend(_ events: Int) {
    let now = environment.instant()
    due.withLock { due in
      due = max(due, now) + .seconds(1) * (Double(events) / Double(eventsPerSecond))
    }
  }
}
