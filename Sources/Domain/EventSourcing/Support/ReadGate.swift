import Synchronization

/// Lets so many reads of a store run at a time; the others wait for their turn, in the order in
/// which they came.
///
/// How much a read brings is known only once it is here: the gate bounds what is not counted yet.
public final class ReadGate: Sendable {
  private struct State {
    var free: Int
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  private let state: Mutex<State>

  public init(readsMax: Int) { state = Mutex(State(free: readsMax)) }

  /// Runs `body` once fewer than the most run. A read is short, so a caller that is cancelled waits
  /// for its turn as well.
  public func run<Result>(
    isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
  ) async rethrows -> Result {
    await enter()
    defer { leave() }
    return try await body()
  }

  private func enter() async {
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
      guard !state.waiters.isEmpty else {
        state.free += 1
        return nil
      }
      return state.waiters.removeFirst()
    }
    next?.resume()
  }
}
