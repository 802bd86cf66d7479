import EventModel
import EventSourcing
import Synchronization

/// Each partition's last visible commit, settled or not, as known to this process: the place to
/// start the next search. It wakes readers, which settle the positions before it.
final class LastCommits: Sendable {
  private let known: Mutex<[UInt64]>

  init(partitions: UInt32) { known = Mutex(Array(repeating: 0, count: Int(partitions))) }

  /// Finds the last commit of a partition.
  func look(in partition: UInt32, _ layout: DomainLayout, _ client: Client)
    throws(MongoFailure) -> UInt64
  {
    let known = known.withLock { $0[Int(partition)] }
    let commits = layout.commits(client)
    if known > 0 {
      guard let head = try commits.lastCommit(behind: known, in: partition) else { return known }
      return note(head, in: partition)
    }
    // The first search starts near the last number given out, not at the log's beginning.
    let last = try layout.positions(of: partition, client).last()
    if last == 0 { return 0 }
    let start = last - min(last, UInt64(Limits.group.count))
    if let head = try commits.lastCommit(behind: start, in: partition) {
      return note(head, in: partition)
    }
    return note(try commits.lastCommit(behind: 0, in: partition) ?? 0, in: partition)
  }

  private func note(_ head: UInt64, in partition: UInt32) -> UInt64 {
    known.withLock { known in
      known[Int(partition)] = max(known[Int(partition)], head)
      return known[Int(partition)]
    }
  }
}
