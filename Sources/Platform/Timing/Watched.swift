import Synchronization

/// Shared state whose changes tasks can await.
public final class Watched<State: Sendable>: Sendable {
  private struct Content: Sendable {
    var state: State
    /// Counts changes, so that none is missed between a look and a wait.
    var version: UInt64 = 0
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  private let content: Mutex<Content>

  public init(_ state: State) { content = Mutex(Content(state: state)) }

  /// Reads or changes the state without waking waiters.
  public func look<Result: Sendable, Failure: Error>(
    _ body: (inout State) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try content.withLock { (content) throws(Failure) in try body(&content.state) }
  }

  /// Changes the state, and wakes all waiters.
  @discardableResult
  public func change<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
    let (result, waiters) = content.withLock { content in
      let result = body(&content.state)
      content.version += 1
      defer { content.waiters = [] }
      return (result, content.waiters)
    }
    for waiter in waiters { waiter.resume() }
    return result
  }

  /// Wakes all waiters, after `look` changed the state.
  public func wake() { change { _ in } }

  /// Waits until `find` returns a value, and returns it; nil if the task is cancelled.
  public func wait<Found: Sendable, Failure: Error>(
    for find: (inout State) throws(Failure) -> Found?
  ) async throws(Failure) -> Found? {
    while true {
      let (found, version) = try content.withLock { (content) throws(Failure) in
        (try find(&content.state), content.version)
      }
      if let found { return found }
      if Task.isCancelled { return nil }
      await change(after: version)
    }
  }

  private func change(after version: UInt64) async {
    await suspend { waiter in
      content.withLock { content in
        guard content.version == version else { return false }
        content.waiters.append(waiter)
        return true
      }
    } takeBack: {
      // All waiters look again; the cancelled one leaves.
      wake()
      return nil
    }
  }
}
