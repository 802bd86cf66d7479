import EventModel
import Synchronization

/// How far a consumer has come with the aggregates that it works on: those it touched last, at
/// least so many. What is forgotten is looked up again, which costs time and nothing else.
final class ConsumerProgress: Sendable {
  private struct State {
    var recent: [Root: SequenceNumber] = [:]
    var older: [Root: SequenceNumber] = [:]
  }

  private let countMin: Int
  private let state = Mutex(State())

  /// - Parameter countMin: more than may be stuck at a time.
  init(countMin: Int = 16_384) { self.countMin = countMin }

  func next(of root: Root) -> SequenceNumber? {
    state.withLock { $0.recent[root] ?? $0.older[root] }
  }

  func note(_ next: SequenceNumber, of root: Root) {
    state.withLock { state in
      state.recent[root] = next
      guard state.recent.count >= countMin else { return }
      state.older = state.recent
      state.recent = [:]
    }
  }

  func forget() { state.withLock { $0 = State() } }
}
