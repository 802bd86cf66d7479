import EventSourcing
import Threads

/// A write that shares its round trip with others.
protocol GroupedCall: Sendable {
  associatedtype Key: Hashable
  /// Of calls with one key, a group holds one.
  var key: Key { get }
  /// What it holds in memory while it waits.
  var byteCount: Int { get }
  /// Tells its caller that it was not made.
  func refuse(_ error: StorageError)
}

/// Calls that are made in groups, one group at a time: the more callers there are, the more share a
/// round trip.
final class GroupQueue<Call: GroupedCall>: Sendable {
  private let queue: WorkQueue<Call>

  /// - Parameter write: makes the calls of one group and tells each caller.
  init(on threads: ThreadPool, write: @escaping @Sendable ([Call]) -> Void) {
    queue = WorkQueue(
      on: threads, limit: Limits.writesWaiting, group: Limits.group, gathering: Limits.gathering
    ) { calls in
      var keys: Set<Call.Key> = []
      var group: [Call] = []
      // Those whose key the group has already: they open the next one.
      var others: [Call] = []
      for call in calls {
        if keys.insert(call.key).inserted { group.append(call) } else { others.append(call) }
      }
      write(group)
      return others
    }
  }

  func put(_ call: Call) {
    switch queue.put(call, byteCount: call.byteCount) {
    case .delivered: break
    case .full:
      call.refuse(
        StorageError(.unavailable, "too many writes wait for the database; try again later"))
    case .closed: call.refuse(StorageError(.unavailable, "the database is closed"))
    }
  }

  /// Takes no more calls; comes back when those that wait are made.
  func close() async { await queue.close() }
}
