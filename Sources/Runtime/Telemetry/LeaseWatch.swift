import EventModel
import EventSourcing
import Synchronization
import Timing

/// Counts how often leases change hands, by their tokens: each new holder's is one higher.
package final class LeaseWatch: Sendable {
  /// The most leases watched; further ones are not.
  static let leasesMax = 10_000
  static let memory = Duration.seconds(60)

  private struct Key: Hashable {
    let domain: Name
    let lease: Name
  }

  private struct Look {
    let token: UInt64
    let instant: ContinuousClock.Instant
  }

  private struct Seen {
    /// Looks of the last minute, one for each token.
    var looks: [Look] = []
    /// When the current token was first seen.
    var since: Timestamp

    /// Keeps the last look, however old: it has the current token.
    mutating func forget(before limit: ContinuousClock.Instant) {
      while looks.count > 1, looks[0].instant < limit { looks.removeFirst() }
    }
  }

  private let environment: Environment
  private let seen = Mutex<[Key: Seen]>([:])

  package init(environment: Environment = .live) { self.environment = environment }

  /// Records the current token of a lease.
  package func note(_ token: UInt64, of lease: Name, in domain: Name) {
    let now = environment.instant()
    let key = Key(domain: domain, lease: lease)
    seen.withLock { seen in
      guard seen[key] != nil || seen.count < Self.leasesMax else { return }
      var known = seen[key] ?? Seen(since: environment.now())
      if let last = known.looks.last, token > last.token { known.since = environment.now() }
      if known.looks.last.map({ token > $0.token }) ?? true {
        known.looks.append(Look(token: token, instant: now))
      }
      known.forget(before: now - Self.memory)
      seen[key] = known
    }
  }

  /// When the current holder was first seen, and the changes of the last minute; nil if nothing
  /// was recorded.
  package func reading(of lease: Name, in domain: Name) -> (since: Timestamp, changes: Int)? {
    let limit = environment.instant() - Self.memory
    return seen.withLock { seen in
      guard let known = seen[Key(domain: domain, lease: lease)] else { return nil }
      let lately = known.looks.filter { $0.instant >= limit }
      let changes = (lately.last?.token ?? 0) - (lately.first?.token ?? 0)
      return (known.since, Int(clamping: changes))
    }
  }
}
