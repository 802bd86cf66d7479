import EventSourcing
import Timing

/// A publisher's confirmed position, and the tasks that wait for it.
final class Progress: Sendable {
  private struct State {
    var confirmed: UInt64 = 0
    var error: ChannelError?
  }

  private let state = Watched(State())

  var isGood: Bool { state.look { $0.error == nil } }

  func check() throws(ChannelError) {
    if let error = state.look(\.error) { throw error }
  }

  func advance(to number: UInt64) { state.change { $0.confirmed = number } }

  /// Ends the progress; the first error stays.
  func fail(_ error: ChannelError) { state.change { $0.error = $0.error ?? error } }

  /// Waits until a higher number is confirmed.
  func wait(after number: UInt64) async throws(ChannelError) -> UInt64 {
    let confirmed = try await state.wait { (state) throws(ChannelError) -> UInt64? in
      if state.confirmed > number { return state.confirmed }
      if let error = state.error { throw error }
      return nil
    }
    guard let confirmed else { throw .closed }
    return confirmed
  }
}
