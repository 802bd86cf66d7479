import RPC
import Synchronization

/// The calls of those who consume events as they come. None ends by itself, so a process that shuts
/// down ends them before it waits for the others: consumers of subscriptions give their lanes back,
/// and whoever follows something goes on at another replica.
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

  /// Makes a call that only its client would end.
  ///
  /// - Throws: `UNAVAILABLE` when the calls are to end, and what the call throws.
  func run(_ call: @escaping @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await call() }
      group.addTask { try await self.failAtEnd() }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  /// - Throws: `UNAVAILABLE` when the calls are to end; `CancellationError` if it is cancelled.
  func failAtEnd() async throws {
    await waitForEnd()
    try Task.checkCancellation()
    throw RPCStatus(.unavailable, "the server shuts down: make this call again, of another replica")
  }

  /// Returns when the calls are to end, or the task is cancelled.
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
