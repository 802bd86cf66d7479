import RPC
import Synchronization

/// Streaming calls without an end. Shutdown ends them before it drains other calls: consumers
/// return their lanes, and clients reconnect elsewhere.
public final class ConsumerCalls: Sendable {
  private struct State {
    var isOver = false
    var lastID = 0
    var waiting: [Int: AsyncStream<Never>.Continuation] = [:]
  }

  private let state = Mutex(State())

  public init() {}

  /// Ends all calls, and each later one.
  public func end() {
    let waiting = state.withLock { state in
      state.isOver = true
      return state.waiting.values
    }
    for continuation in waiting { continuation.finish() }
  }

  /// Runs a call that only its client would end.
  ///
  /// - Throws: `UNAVAILABLE` at shutdown, and the errors of the call.
  func run(_ call: @escaping @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await call() }
      group.addTask { try await self.failAtEnd() }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  /// - Throws: `UNAVAILABLE` at shutdown; `CancellationError` if the task is cancelled.
  func failAtEnd() async throws {
    await waitForEnd()
    try Task.checkCancellation()
    throw RPCStatus(.unavailable, "the server shuts down: make this call again, of another replica")
  }

  /// Returns at shutdown, or if the task is cancelled.
  private func waitForEnd() async {
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
