import EventModel
import EventSourcing
import Logging
import Synchronization
import Timing

/// Warns of aggregates whose history is too long for their logic, or whose state is too large for
/// a snapshot.
///
/// Metrics count each command that was sent with such a history; the log has one line for each
/// aggregate in ten minutes at most. A stored snapshot, or ten minutes without a command, ends an
/// aggregate's entry.
package final class HistoryWatch: Sendable {
  /// The most aggregates remembered as warned about; beyond that all are forgotten.
  static let rememberedMax = 10_000
  static let interval = Duration.seconds(600)

  private let logger: Logger
  private let metrics: HistoryMetrics?
  private let clock: @Sendable () -> ContinuousClock.Instant
  private struct Known {
    var warned: ContinuousClock.Instant
    var seen: ContinuousClock.Instant
    var events: Int
    var bytes: Int
  }

  private let known = Mutex<[Cover: Known]>([:])
  /// When each state that is too large was warned about.
  private let tooLarge = Mutex<[Cover: ContinuousClock.Instant]>([:])
  /// Lets a commit with a snapshot skip the lock while all histories are short.
  private let isEmpty = Atomic(true)

  package init(
    logger: Logger, metrics: HistoryMetrics?,
    clock: @escaping @Sendable () -> ContinuousClock.Instant = Environment.live.instant
  ) {
    self.logger = logger
    self.metrics = metrics
    self.clock = clock
  }

  @Sendable package func note(_ event: CommandEvent) {
    switch event {
    case .appended(let cover):
      if let cover, !isEmpty.load(ordering: .relaxed) { forget(cover) }
    case .appendFailed: break
    case .stateTooLarge(let cover, let bytes):
      guard isFirstLately(cover) else { return }
      logger.warning(
        "the state of an aggregate is too large for a snapshot (limit.commit-size); it is folded anew where it is not in memory",
        metadata: ["domain": "\(cover.domain)", "root": "\(cover.root)", "bytes": "\(bytes)"])
    case .longHistory(let cover, let events, let bytes):
      metrics?.count(in: cover.domain)
      guard isDue(cover, events, bytes) else { return }
      logger.warning(
        "the history of an aggregate is long; let its logic give snapshots, or its commands will fail",
        metadata: [
          "domain": "\(cover.domain)", "root": "\(cover.root)", "events": "\(events)",
          "bytes": "\(bytes)",
        ])
    }
  }

  /// The longest histories recently sent to the logic, longest first.
  package func longest(_ count: Int) -> [(cover: Cover, events: Int, bytes: Int)] {
    let limit = clock() - Self.interval
    let lately = known.withLock { $0.filter { $0.value.seen > limit } }
    return lately.sorted { $0.value.bytes > $1.value.bytes }.prefix(count)
      .map { ($0.key, $0.value.events, $0.value.bytes) }
  }

  private func forget(_ cover: Cover) {
    known.withLock { known in
      known[cover] = nil
      isEmpty.store(known.isEmpty, ordering: .relaxed)
    }
  }

  private func isFirstLately(_ cover: Cover) -> Bool {
    let now = clock()
    return tooLarge.withLock { warned in
      if let last = warned[cover], now - last < Self.interval { return false }
      if warned.count >= Self.rememberedMax { warned.removeAll(keepingCapacity: true) }
      warned[cover] = now
      return true
    }
  }

  /// Records a long history. True if a warning is due.
  private func isDue(_ cover: Cover, _ events: Int, _ bytes: Int) -> Bool {
    let now = clock()
    return known.withLock { known in
      isEmpty.store(false, ordering: .relaxed)
      var entry = Known(warned: now, seen: now, events: events, bytes: bytes)
      if let last = known[cover], now - last.warned < Self.interval {
        entry.warned = last.warned
        known[cover] = entry
        return false
      }
      if known.count >= Self.rememberedMax { known.removeAll(keepingCapacity: true) }
      known[cover] = entry
      return true
    }
  }
}
