import EventSourcing
import Timing

/// Deliveries that wait for the consumer, at most as many as the prefetch.
final class Inbox: Sendable {
  private struct State {
    var deliveries: [CommitDelivery] = []
    var error: ChannelError?
  }

  private let state = Watched(State())

  var isGood: Bool { state.look { $0.error == nil } }

  func put(_ delivery: CommitDelivery) { state.change { $0.deliveries.append(delivery) } }

  /// Ends the inbox; the first error stays. Earlier deliveries can no longer be acknowledged.
  func fail(_ error: ChannelError) {
    state.change { state in
      state.deliveries = []
      state.error = state.error ?? error
    }
  }

  /// Takes all deliveries; waits for the first.
  func take() async throws(ChannelError) -> [CommitDelivery] {
    let taken = try await state.wait { (state) throws(ChannelError) -> [CommitDelivery]? in
      if let error = state.error { throw error }
      if state.deliveries.isEmpty { return nil }
      defer { state.deliveries = [] }
      return state.deliveries
    }
    guard let taken else { throw .closed }
    return taken
  }
}
