import Synchronization
import Timing

/// Gives out so many events a second at most, evenly: what is rebuilt leaves room to commands.
///
/// It holds up deliveries, not reads. Meanwhile more events of an aggregate arrive and join the
/// same book, so a slow rebuild makes as few writes as a quick one.
final class Pace: Sendable {
  /// Events of one turn at most, where an aggregate has so many: a tenth of a second's worth.
  let eventsMax: Int
  private let eventsPerSecond: Int
  private let environment: Environment
  private let turns = ConcurrencyLimit(1)
  private let due: Mutex<ContinuousClock.Instant>

  /// Shorter pauses are made up for by a later one: timers would stretch each of them.
  static let pauseMin = Duration.milliseconds(5)

  /// - Parameter eventsPerSecond: at least 1.
  init(eventsPerSecond: Int, environment: Environment) {
    self.eventsPerSecond = max(eventsPerSecond, 1)
    self.environment = environment
    eventsMax = max(self.eventsPerSecond / 10, 1)
    due = Mutex(environment.instant())
  }

  /// Waits for its turn, first come, first served, then takes something. Throws
  /// `CancellationError`.
  ///
  /// - Parameter take: returns what it took, and how many events that are.
  func turn<Taken>(_ take: () -> (Taken, events: Int)) async throws -> Taken {
    try await turns.run {
      let pause = due.withLock { $0 } - environment.instant()
      if pause > Self.pauseMin { try await environment.sleep(pause) }
      let (taken, events) = take()
      spend(events)
      return taken
    }
  }

  /// Time in which nothing was taken is not made up for.
  private func spend(_ events: Int) {
    let now = environment.instant()
    due.withLock { due in
      due = max(due, now) + .seconds(1) * (Double(events) / Double(eventsPerSecond))
    }
  }
}
