import EventModel
import Synchronization
import Timing

/// Tasks that wait for a change.
final class Waiters: Sendable {
  /// The object of a wait.
  enum Topic: Hashable {
    case log
    case changes(subscription: Name)
  }

  private struct State {
    var lastID = 0
    var waiting: [Topic: [Int: CheckedContinuation<Void, Never>]] = [:]
  }

  private let state = Mutex(State())

  /// Returns if `isDone` holds, at the next `wake`, or on cancellation.
  func wait(for topic: Topic, until isDone: @Sendable () -> Bool) async {
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    await suspend { continuation in
      state.withLock { $0.waiting[topic, default: [:]][id] = continuation }
      // Check after enlisting, or a change in between is missed.
      if isDone() { remove(id, topic)?.resume() }
      return true
    } takeBack: {
      remove(id, topic)
    }
  }

  /// Wakes every waiter of this topic.
  func wake(_ topic: Topic) {
    let woken = state.withLock { $0.waiting.removeValue(forKey: topic) }
    for continuation in (woken ?? [:]).values { continuation.resume() }
  }

  private func remove(_ id: Int, _ topic: Topic) -> CheckedContinuation<Void, Never>? {
    state.withLock { state in
      let found = state.waiting[topic]?.removeValue(forKey: id)
      if state.waiting[topic]?.isEmpty == true { state.waiting[topic] = nil }
      return found
    }
  }
}
