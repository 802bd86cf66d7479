import EventModel
import EventSourcing
import Logging
import Metrics
import Synchronization
import Timing

/// Counts operations on shelved snapshots. Warns, at most once a minute, of one that cannot be
/// stored or read.
package final class ShelfWatch: Measured {
  private struct State {
    var put: (count: UInt64, bytes: UInt64) = (0, 0)
    var notPut: UInt64 = 0
    var notRead: [ShelfError.Kind: UInt64] = [:]
    var warned: ContinuousClock.Instant?
  }

  static let interval = Duration.seconds(60)

  private let logger: Logger
  private let clock: @Sendable () -> ContinuousClock.Instant
  private let state = Mutex(State())

  package init(
    _ logger: Logger,
    clock: @escaping @Sendable () -> ContinuousClock.Instant = Environment.live.instant
  ) {
    self.logger = logger
    self.clock = clock
  }

  @Sendable package func note(_ event: ShelfEvent) {
    switch event {
    case .put(_, let byteCount):
      state.withLock {
        $0.put.count += 1
        $0.put.bytes += UInt64(byteCount)
      }
    case .notPut(let cover, let error):
      state.withLock { $0.notPut += 1 }
      warn("a snapshot could not be put into the object store", cover, error)
    case .notRead(let cover, let error):
      state.withLock { $0.notRead[error.kind, default: 0] += 1 }
      warn("a snapshot could not be read, and the state is made from events", cover, error)
    }
  }

  private func warn(_ message: Logger.Message, _ cover: Cover, _ error: ShelfError) {
    let now = clock()
    let isDue = state.withLock { state in
      if let last = state.warned, now - last < Self.interval { return false }
      state.warned = now
      return true
    }
    guard isDue else { return }
    logger.warning(
      message,
      metadata: [
        "domain": "\(cover.domain)", "root": "\(cover.root)", "reason": "\(error.message)",
      ])
  }

  package func write(to exposition: inout Exposition) async {
    let (put, notPut, notRead) = state.withLock { ($0.put, $0.notPut, $0.notRead) }
    exposition.family(
      "outrider_snapshots_shelved_total", .counter,
      "Snapshots that were put into the object store."
    ) { $0.add(put.count) }
    exposition.family(
      "outrider_snapshots_shelved_bytes_total", .counter, "Their size together, in bytes."
    ) { $0.add(put.bytes) }
    exposition.family(
      "outrider_snapshots_unshelved_total", .counter,
      "Snapshots that the object store did not take: a commit holds them, or none does."
    ) { $0.add(notPut) }
    exposition.family(
      "outrider_snapshots_unread_total", .counter,
      "Snapshots of the object store that could not be used; the state was made from events."
    ) { family in
      for kind in ShelfError.Kind.allCases {
        family.add(notRead[kind] ?? 0, ["reason": kind.rawValue])
      }
    }
  }
}
