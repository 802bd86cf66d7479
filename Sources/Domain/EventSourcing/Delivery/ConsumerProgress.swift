import EventModel
import Synchronization

/// Caches the consumer's next sequence number for at least the most recently touched aggregates.
/// A missing entry costs a lookup, and nothing else.
final class ConsumerProgress: Sendable {
  private struct State {
    var recent: [Root: SequenceNumber] = [:]
    var older: [Root: SequenceNumber] = [:]
  }

  private let countMin: Int
  private let state = Mutex(State())

  /// - Parameter countMin: entries kept at least; more than may be stuck at a time.
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
