import EventModel
import EventSourcing
import Synchronization

/// Where a partition's settled prefix ends.
struct SettledEnd: Equatable {
  /// Every position up to here holds a commit or a tombstone, for ever.
  var position: UInt64 = 0
  /// The last commit up to there; 0 where there is none.
  var commit: UInt64 = 0
}

/// The settled prefix of each partition's log: what a reader has missed nothing of.
///
/// What is settled stays settled, so each look goes on where the last one ended. The database keeps
/// the place from time to time, for processes that start later. Nothing rests on what is kept: a
/// look that begins too early finds the same end.
final class SettledPrefix: Sendable {
  private struct Known {
    var end: SettledEnd
    /// What the database has of it.
    var kept: UInt64
  }

  private let known: Mutex<[Known?]>

  init(partitions: UInt32) { known = Mutex(Array(repeating: nil, count: Int(partitions))) }

  /// The end as it is now.
  func end(
    in partition: UInt32, _ layout: DomainLayout, _ client: Client
  ) throws(MongoFailure) -> SettledEnd {
    let mark = layout.settledMark(of: partition, client)
    var latest: Known
    if let known = known.withLock({ $0[Int(partition)] }) {
      latest = known
    } else {
      let end = try mark.read()
      latest = Known(end: end, kept: end.position)
    }
    try layout.commits(client).extend(&latest.end, in: partition)
    if latest.end.position >= latest.kept + Limits.positionsUnkept {
      // Where it fails, the next look keeps it.
      if (try? mark.raise(to: latest.end)) != nil { latest.kept = latest.end.position }
    }
    return known.withLock { known in
      if let other = known[Int(partition)], other.end.position > latest.end.position {
        return other.end
      }
      known[Int(partition)] = latest
      return latest.end
    }
  }
}
