import EventModel
import Synchronization
import Timing

/// A source that brings so many events a second at most: what is rebuilt leaves room to commands.
struct ThrottledLog: LogSource {
  private let source: any LogSource
  private let pace: Pace

  /// - Parameter eventsPerSecond: at least 1.
  init(
    _ source: any LogSource, eventsPerSecond: Int, environment: Environment = .live
  ) {
    self.source = source
    pace = Pace(eventsPerSecond: eventsPerSecond, environment: environment)
  }

  func commits(
    after position: Position, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    await pace.wait()
    // A tenth of a second's worth at a time, so that the rate is even.
    let limit = ReadLimit(
      count: max(1, min(limit.count, pace.eventsPerSecond / 10)), bytes: limit.bytes)
    let commits = try await source.commits(after: position, limit: limit)
    pace.spend(commits.reduce(0) { $0 + $1.commit.pages.count })
    return commits
  }

  func release(_ root: Root, upTo position: UInt64) { source.release(root, upTo: position) }

  func end() async { await source.end() }
}

/// When the next events are due.
private final class Pace: Sendable {
  let eventsPerSecond: Int
  private let environment: Environment
  private let due: Mutex<ContinuousClock.Instant>

  init(eventsPerSecond: Int, environment: Environment) {
    self.eventsPerSecond = max(eventsPerSecond, 1)
    self.environment = environment
    due = Mutex(environment.instant())
  }

  func wait() async {
    let pause = due.withLock { $0 } - environment.instant()
    if pause > .zero { try? await environment.sleep(pause) }
  }

  /// What was not used in time is not made up for.
  func spend(_ events: Int) {
    let now = environment.instant()
    due.withLock { due in
      due = max(due, now) + .seconds(1) * (Double(events) / Double(eventsPerSecond))
    }
  }
}
