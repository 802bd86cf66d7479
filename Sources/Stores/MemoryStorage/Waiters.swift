import EventModel
import Synchronization
import Timing

/// Tasks that wait until something changes.
final class Waiters: Sendable {
  /// What is waited for.
  enum Topic: Hashable {
    case log
    case changes(subscription: Name)
  }

  private struct State {
    var lastID = 0
    var waiting: [Topic: [Int: CheckedContinuation<Void, Never>]] = [:]
  }

  private let state = Mutex(State())

  /// Comes back when `isDone` holds already, at the next `wake`, or when the task is cancelled.
  func wait(for topic: Topic, until isDone: @Sendable () -> Bool) async {
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    await suspend { continuation in
      state.withLock { $0.waiting[topic, default: [:]][id] = continuation }
      // Asked only once we are on the list: whoever makes it true later will wake us.
      if isDone() { remove(id, topic)?.resume() }
      return true
    } takeBack: {
      remove(id, topic)
    }
  }

  /// Wakes everyone who waits for this.
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
