import Synchronization

/// Something that happens once, such as the end of a thread.
public final class Milestone: Sendable {
  private enum State {
    case ahead([CheckedContinuation<Void, Never>])
    case reached
  }

  private let state = Mutex(State.ahead([]))

  public init() {}

  /// Whether it has happened.
  public var isReached: Bool {
    state.withLock { state in
      if case .reached = state { true } else { false }
    }
  }

  /// It has happened: whoever waits, now or later, comes back.
  public func reach() {
    let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
      guard case .ahead(let waiting) = state else { return [] }
      state = .reached
      return waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  /// Comes back when it has happened.
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
