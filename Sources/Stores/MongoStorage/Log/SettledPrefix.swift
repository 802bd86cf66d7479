import EventModel
import EventSourcing
import Synchronization

/// The end of a partition's settled prefix.
struct SettledEnd: Equatable {
  /// Every position up to here holds a commit or a tombstone, permanently.
  var position: UInt64 = 0
  /// The last commit up to there; 0 if there is none.
  var commit: UInt64 = 0
}

/// The settled prefix of each partition's log, in which a reader misses no commit.
///
/// The prefix never shrinks, so each search continues from the last end. The end is stored in the
/// database from time to time, for processes that start later. The stored end only saves work: a
/// search from an earlier place finds the same end.
final class SettledPrefix: Sendable {
  private struct Known {
    var end: SettledEnd
    /// The end that the database has.
    var kept: UInt64
  }

  private let known: Mutex<[Known?]>

  init(partitions: UInt32) { known = Mutex(Array(repeating: nil, count: Int(partitions))) }

  /// Returns the current end.
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
      // If storing fails, the next search stores it.
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
