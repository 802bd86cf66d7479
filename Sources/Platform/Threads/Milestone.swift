import Synchronization

/// An event that happens once, such as the end of a thread.
public final class Milestone: Sendable {
  private enum State {
    case ahead([CheckedContinuation<Void, Never>])
    case reached
  }

  private let state = Mutex(State.ahead([]))

  public init() {}

  /// True once reached.
  public var isReached: Bool {
    state.withLock { state in
      if case .reached = state { true } else { false }
    }
  }

  /// Marks it reached and wakes all waiters.
  public func reach() {
    let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
      guard case .ahead(let waiting) = state else { return [] }
      state = .reached
      return waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  /// Returns once it is reached.
  public func wait() async {
    await withCheckedContinuation { continuation in
      let isReached = state.withLock { state in
        guard case .ahead(let waiting) = state else { return true }
        state = .ahead(waiting + [continuation])
        return false
      }
      if isReached { continuation.resume() }
    }
  }
}
