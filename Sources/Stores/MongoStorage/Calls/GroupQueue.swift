import EventSourcing
import Threads

/// A write that shares its round trip with others.
protocol GroupedCall: Sendable {
  associatedtype Key: Hashable
  /// A group holds at most one call of each key.
  var key: Key { get }
  /// Bytes of memory while it waits.
  var byteCount: Int { get }
  /// Resumes the caller with an error, without making the call.
  func refuse(_ error: StorageError)
}

/// Makes calls in groups, one group at a time (group commit): the more callers, the more share a
/// round trip.
final class GroupQueue<Call: GroupedCall>: Sendable {
  private let queue: WorkQueue<Call>

  /// - Parameter write: makes the calls of one group and resumes each caller.
  init(on threads: ThreadPool, write: @escaping @Sendable ([Call]) -> Void) {
    queue = WorkQueue(
      on: threads, limit: Limits.writesWaiting, group: Limits.group, gathering: Limits.gathering
    ) { calls in
      var keys: Set<Call.Key> = []
      var group: [Call] = []
      // Calls with a key that the group already has begin the next group.
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

  /// Refuses new calls; returns once the waiting ones are made.
  func close() async { await queue.close() }
}
