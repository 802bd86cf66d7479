import Synchronization

/// The calls of consumers that never end by themselves, so that a process that shuts down can end
/// them: they give their lanes back first, and others take over at once.
public final class ConsumerCalls: Sendable {
  private struct State {
    var isOver = false
    var lastID = 0
    var waiting: [Int: AsyncStream<Never>.Continuation] = [:]
  }

  private let state = Mutex(State())

  public init() {}

  /// Ends all calls that there are, and each that comes.
  public func end() {
    let waiting = state.withLock { state in
      state.isOver = true
      return state.waiting.values
    }
    for continuation in waiting { continuation.finish() }
  }

  /// Returns when the calls are to end, or the task is cancelled.
  func waitForEnd() async {
    let (ending, continuation) = AsyncStream<Never>.makeStream()
    let id = state.withLock { state in
      state.lastID += 1
      if state.isOver { continuation.finish() } else { state.waiting[state.lastID] = continuation }
      return state.lastID
    }
    for await _ in ending {}
    state.withLock { $0.waiting[id] = nil }
  }
}
