import EventSourcing
import Synchronization

/// State for which tasks wait to change.
final class Watched<State: Sendable>: Sendable {
  private struct Content: Sendable {
    var state: State
    /// Counts changes, so that none is missed between a look and a wait.
    var version: UInt64 = 0
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  private let content: Mutex<Content>

  init(_ state: State) { content = Mutex(Content(state: state)) }

  /// Reads or changes the state without waking anybody.
  func look<Result: Sendable, Failure: Error>(
    _ body: (inout State) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try content.withLock { (content) throws(Failure) in try body(&content.state) }
  }

  /// Changes the state, and has all who wait look again.
  func change<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
    let (result, waiters) = content.withLock { content in
      let result = body(&content.state)
      content.version += 1
      defer { content.waiters = [] }
      return (result, content.waiters)
    }
    for waiter in waiters { waiter.resume() }
    return result
  }

  /// Waits until `find` finds something. Throws `ChannelError.closed` when the task is cancelled.
  func wait<Found: Sendable>(
    for find: (inout State) throws(ChannelError) -> Found?
  ) async throws(ChannelError) -> Found {
    while true {
      let (found, version) = try content.withLock { (content) throws(ChannelError) in
        (try find(&content.state), content.version)
      }
      if let found { return found }
      if Task.isCancelled { throw .closed }
      await change(after: version)
    }
  }

  private func change(after version: UInt64) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
        let mustWait = content.withLock { content in
          guard content.version == version, !Task.isCancelled else { return false }
          content.waiters.append(continuation)
          return true
        }
        if !mustWait { continuation.resume() }
      }
    } onCancel: {
      change { _ in }
    }
  }
}

extension ChannelError {
  static let closed = ChannelError(.unavailable, "the message channel was closed")
}
