import Timing
import Wire

/// Queues acknowledgements for a query-handler, to be sent in batches.
final class AckQueue: Sendable {
  private struct State {
    var waiting: [OutriderV1.Acknowledgement] = []
    var isFinished = false
  }

  private let state = Watched(State())

  func add(_ acknowledgement: OutriderV1.Acknowledgement) {
    state.change { $0.waiting.append(acknowledgement) }
  }

  /// Marks the end of acknowledgements.
  func finish() { state.change { $0.isFinished = true } }

  /// Drops waiting acknowledgements, because their events will be redelivered.
  func clear() { state.change { $0.waiting = [] } }

  var isFinished: Bool { state.look { $0.isFinished } }

  /// Takes all waiting acknowledgements; waits for the first. Nil after the last, and on
  /// cancellation.
  func next() async -> [OutriderV1.Acknowledgement]? {
    let taken = await state.wait { state -> [OutriderV1.Acknowledgement]? in
      guard !state.waiting.isEmpty || state.isFinished else { return nil }
      defer { state.waiting = [] }
      return state.waiting
    }
    return taken.flatMap { $0.isEmpty ? nil : $0 }
  }
}
