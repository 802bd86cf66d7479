import EventSourcing
import Synchronization

/// Deliveries that nobody took yet. As many as the prefetch, at most.
final class Inbox: Sendable {
  private struct State {
    var deliveries: [ChannelDelivery] = []
    var error: ChannelError?
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  var isGood: Bool { state.withLock { $0.error == nil } }

  func put(_ delivery: ChannelDelivery) { change { $0.deliveries.append(delivery) } }

  /// The first error counts. Deliveries from before cannot be acknowledged any more.
  func fail(_ error: ChannelError) {
    change { state in
      state.deliveries = []
      state.error = state.error ?? error
    }
  }

  private func change(_ body: (inout State) -> Void) {
    let waiter = state.withLock { state in
      body(&state)
      return state.waiter.take()
    }
    waiter?.resume()
  }

  /// All that is there; waits for the first.
  func take() async throws(ChannelError) -> [ChannelDelivery] {
    while true {
      let found = state.withLock { state -> Result<[ChannelDelivery], ChannelError>? in
        if let error = state.error { return .failure(error) }
        if state.deliveries.isEmpty { return nil }
        defer { state.deliveries = [] }
        return .success(state.deliveries)
      }
      if let found { return try found.get() }
      if Task.isCancelled { throw .closed }
      await arrival()
    }
  }

  private func arrival() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let mustWait = state.withLock { state in
          guard state.deliveries.isEmpty, state.error == nil, !Task.isCancelled else {
            return false
          }
          state.waiter = continuation
          return true
        }
        if !mustWait { continuation.resume() }
      }
    } onCancel: {
      change { _ in }
    }
  }
}
