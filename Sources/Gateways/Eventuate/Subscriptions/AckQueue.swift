import Timing
import Wire

/// Acknowledgements on their way to a query-handler, many at a time.
final class AckQueue: Sendable {
  private struct State {
    var waiting: [OutriderV1.Acknowledgement] = []
    var isFinished = false
  }

  private let state = Watched(State())

  func add(_ acknowledgement: OutriderV1.Acknowledgement) {
    state.change { $0.waiting.append(acknowledgement) }
  }

  /// Nothing more will come.
  func finish() { state.change { $0.isFinished = true } }

  /// What is waiting has no meaning any more: it will be delivered again.
  func clear() { state.change { $0.waiting = [] } }

  var isFinished: Bool { state.look { $0.isFinished } }

  /// All that waits, once something does; nil after the last, and when the task is cancelled.
  func next() async -> [OutriderV1.Acknowledgement]? {
    let taken = await state.wait { state -> [OutriderV1.Acknowledgement]? in
      guard !state.waiting.isEmpty || state.isFinished else { return nil }
      defer { state.waiting = [] }
      return state.waiting
    }
    return taken.flatMap { $0.isEmpty ? nil : $0 }
  }
}
