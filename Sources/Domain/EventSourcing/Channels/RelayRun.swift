import Synchronization

/// What the tasks of one active relay share: its window, and who waits for it to change.
final class RelayRun: Sendable {
  private struct Waiter {
    let condition: (RelayWindow) -> Bool
    let continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var window: RelayWindow
    var waiters: [UInt64: Waiter] = [:]
    var lastID: UInt64 = 0
  }

  private let state: Mutex<State>

  init(_ window: RelayWindow) { state = Mutex(State(window: window)) }

  var window: RelayWindow { state.withLock { $0.window } }

  func change(_ change: (inout RelayWindow) -> Void) {
    let woken = state.withLock { state in
      change(&state.window)
      let due = state.waiters.filter { $0.value.condition(state.window) }
      for id in due.keys { state.waiters[id] = nil }
      return due.values.map(\.continuation)
    }
    for continuation in woken { continuation.resume() }
  }

  /// Waits until the window is as the condition says. Throws `CancellationError`.
  func wait(until condition: @escaping @Sendable (RelayWindow) -> Bool) async throws {
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isDone = state.withLock { state in
          if Task.isCancelled || condition(state.window) { return true }
          state.waiters[id] = Waiter(condition: condition, continuation: continuation)
          return false
        }
        if isDone { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: id) }?.continuation.resume()
    }
    try Task.checkCancellation()
  }
}
