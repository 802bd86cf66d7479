import EventModel
import Metrics
import Synchronization

/// Counts commands that were sent to logic with a long history.
package final class HistoryMetrics: Sendable {
  /// The most domains counted apart; further ones count together as "other".
  static let domainsMax = 100

  private let counts = Mutex<[Name: UInt64]>([:])

  package init() {}

  func count(in domain: Name) {
    counts.withLock { counts in
      let isKnown = counts[domain] != nil || counts.count < Self.domainsMax
      counts[isKnown ? domain : "other", default: 0] += 1
    }
  }

  func write(to exposition: inout Exposition) {
    let counts = counts.withLock { $0 }
    exposition.family(
      "outrider_long_histories_total", .counter,
      "Commands that were sent to the logic with a history above limit.history-warning."
    ) { family in
      for (domain, count) in counts.sorted(by: { $0.key < $1.key }) {
        family.add(count, ["domain": domain.text])
      }
    }
  }
}
