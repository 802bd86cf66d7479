import Synchronization
import Timing

/// A lane's window as its reader and those who acknowledge share it.
final class LaneWindow: Sendable {
  private struct State {
    var window: AcknowledgementWindow
    var reader: CheckedContinuation<Void, Never>?
    var isRetiring = false
  }

  /// How far everything is acknowledged or left out.
  let mark = LowWaterMark()
  private let retirement = LowWaterMark()
  private let state: Mutex<State>

  init(startingAt checkpoint: UInt64, size: Int) {
    state = Mutex(State(window: AcknowledgementWindow(startingAt: checkpoint, size: size)))
    mark.raise(to: checkpoint)
  }

  var lastPassed: UInt64 { state.withLock { $0.window.lastPassed } }
  var isRetiring: Bool { state.withLock { $0.isRetiring } }
  var byteCount: Int { state.withLock { $0.window.byteCount } }

  func leaveOut(upTo number: UInt64) { change { $0.leaveOut(upTo: number) } }
  func acknowledge(_ number: UInt64) { change { _ = $0.acknowledge(number) } }

  /// Takes the commit in once there is room. False: the lane is to be given away, and nothing more
  /// is to be delivered. Only the one reader waits.
  func deliver(_ number: UInt64) async throws -> Bool {
    await suspend { reader in
      state.withLock { state in
        if state.isRetiring || state.window.hasRoom { return false }
        state.reader = reader
        return true
      }
    } takeBack: {
      state.withLock { $0.reader.take() }
    }
    try Task.checkCancellation()
    return state.withLock { state in
      if state.isRetiring { return false }
      state.window.deliver(number)
      return true
    }
  }

  /// From now on nothing more is delivered.
  func retire() {
    let reader = state.withLock { state in
      state.isRetiring = true
      return state.reader.take()
    }
    reader?.resume()
    retirement.raise(to: 1)
  }

  /// Returns once the lane is to be given away, or the task is cancelled.
  func waitForRetirement() async { await retirement.wait(for: 1) }

  /// Returns once everything that was delivered is acknowledged, or the task is cancelled.
  func waitUntilIdle() async { await mark.wait(for: lastPassed) }

  private func change(_ change: (inout AcknowledgementWindow) -> Void) {
    let (reached, reader) = state.withLock { state in
      change(&state.window)
      return (state.window.lowWaterMark, state.window.hasRoom ? state.reader.take() : nil)
    }
    mark.raise(to: reached)
    reader?.resume()
  }
}
