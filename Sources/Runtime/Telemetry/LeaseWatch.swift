import EventModel
import EventSourcing
import Synchronization
import Timing

/// Sees how often leases change hands. Tokens tell: each new holder's is one higher than the last.
package final class LeaseWatch: Sendable {
  /// Leases that are told apart; those beyond are not watched.
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
    /// Within the last minute, each token once.
    var looks: [Look] = []
    /// When the present token was seen first.
    var since: Timestamp

    /// The last look stays, however old: it says which token is known.
    mutating func forget(before limit: ContinuousClock.Instant) {
      while looks.count > 1, looks[0].instant < limit { looks.removeFirst() }
    }
  }

  private let environment: Environment
  private let seen = Mutex<[Key: Seen]>([:])

  package init(environment: Environment = .live) { self.environment = environment }

  /// Notes who holds a lease now.
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

  /// When the present holder was seen first, and how often the holder changed in the last minute;
  /// nil where nothing was noted.
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
