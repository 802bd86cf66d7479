import Synchronization

/// Limits concurrent work. The rest waits in order of arrival.
public final class ConcurrencyLimit: Sendable {
  fileprivate struct State {
    var free: Int
    var waiters: [CheckedContinuation<Void, Never>] = []
    /// Waiters before this index have been resumed.
    var first = 0
  }

  private let state: Mutex<State>

  public init(_ count: Int) { state = Mutex(State(free: count)) }

  /// The number of waiters.
  public var waiting: Int { state.withLock { $0.waiters.count - $0.first } }

  /// Runs `body` in turn. A cancelled caller still waits for its turn, and `body` handles the
  /// cancellation.
  public func run<Result>(_ body: () async throws -> Result) async rethrows -> Result {
    await enter()
    defer { leave() }
    return try await body()
  }

  private func enter() async {
    let isFree = state.withLock { state in
      defer { state.free -= state.free > 0 ? 1 : 0 }
      return state.free > 0
    }
    if isFree { return }
    await withCheckedContinuation { continuation in
      let isFree = state.withLock { state in
        guard state.free > 0 else {
          state.waiters.append(continuation)
          return false
        }
        state.free -= 1
        return true
      }
      if isFree { continuation.resume() }
    }
  }

  private func leave() {
    let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard state.first < state.waiters.count else {
        state.free += 1
        return nil
      }
      defer { state.passFirst() }
      return state.waiters[state.first]
    }
    next?.resume()
  }
}

extension ConcurrencyLimit.State {
  /// Frees half of the memory at a time, so each waiter moves once on average.
  fileprivate mutating func passFirst() {
    first += 1
    guard first >= 64 || first == waiters.count, first * 2 >= waiters.count else { return }
    waiters.removeFirst(first)
    first = 0
  }
}
