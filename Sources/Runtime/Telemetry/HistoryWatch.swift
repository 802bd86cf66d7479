import EventModel
import EventSourcing
import Logging
import Synchronization
import Timing

/// Warns of aggregates whose history grows too long for their logic.
///
/// Metrics count each command that such a history was sent with; the log has a line for each
/// aggregate at most once in ten minutes.
package final class HistoryWatch: Sendable {
  /// Aggregates that are remembered as warned about; beyond that all are forgotten.
  static let rememberedMax = 10_000
  static let interval = Duration.seconds(600)

  private let logger: Logger
  private let metrics: HistoryMetrics?
  private let clock: @Sendable () -> ContinuousClock.Instant
  private let warned = Mutex<[Cover: ContinuousClock.Instant]>([:])

  package init(
    logger: Logger, metrics: HistoryMetrics?,
    clock: @escaping @Sendable () -> ContinuousClock.Instant = Environment.live.instant
  ) {
    self.logger = logger
    self.metrics = metrics
    self.clock = clock
  }

  @Sendable package func note(_ event: CommandEvent) {
    guard case .longHistory(let cover, let eventCount, let byteCount) = event else { return }
    metrics?.count(in: cover.domain)
    guard isDue(cover) else { return }
    logger.warning(
      "the history of an aggregate is long; let its logic give snapshots, or its commands will fail",
      metadata: [
        "domain": "\(cover.domain)", "root": "\(cover.root)", "events": "\(eventCount)",
        "bytes": "\(byteCount)",
      ])
  }

  private func isDue(_ cover: Cover) -> Bool {
    let now = clock()
    return warned.withLock { warned in
      if let last = warned[cover], now - last < Self.interval { return false }
      if warned.count >= Self.rememberedMax { warned.removeAll(keepingCapacity: true) }
      warned[cover] = now
      return true
    }
  }
}
