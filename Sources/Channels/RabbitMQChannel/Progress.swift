import EventSourcing
import Synchronization

/// How far a publisher is confirmed, and who waits for it.
final class Progress: Sendable {
  private struct State {
    var confirmed: UInt64 = 0
    var error: ChannelError?
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  var isGood: Bool { state.withLock { $0.error == nil } }

  func check() throws(ChannelError) {
    if let error = state.withLock(\.error) { throw error }
  }

  func advance(to number: UInt64) { change { $0.confirmed = number } }

  /// The first error counts.
  func fail(_ error: ChannelError) { change { $0.error = $0.error ?? error } }

  private func change(_ body: (inout State) -> Void) {
    let waiters = state.withLock { state in
      body(&state)
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Waits until a higher number is confirmed.
  func wait(after number: UInt64) async throws(ChannelError) -> UInt64 {
    while true {
      let found = state.withLock { state -> Result<UInt64, ChannelError>? in
        if state.confirmed > number { return .success(state.confirmed) }
        return state.error.map { .failure($0) }
      }
      if let found { return try found.get() }
      if Task.isCancelled { throw .closed }
      await change(after: number)
    }
  }

  private func change(after number: UInt64) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let mustWait = state.withLock { state in
          guard state.confirmed <= number, state.error == nil, !Task.isCancelled else {
            return false
          }
          state.waiters.append(continuation)
          return true
        }
        if !mustWait { continuation.resume() }
      }
    } onCancel: {
      change { _ in }
    }
  }
}
