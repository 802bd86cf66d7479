import EventSourcing
import Glibc
import Synchronization

/// A thread of our own, for calls that block.
func startThread(_ body: @escaping @Sendable () -> Void) {
  final class Start {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  var thread = pthread_t()
  // The thread takes over the reference; where there is no thread, the process cannot go on.
  let start = Unmanaged.passRetained(Start(body)).toOpaque()
  let code = pthread_create(
    &thread, nil,
    { argument in
      if let argument { Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body() }
      return nil
    }, start)
  precondition(code == 0, "no thread could be started: \(String(cString: strerror(code)))")
  pthread_detach(thread)
}

/// Makes a call that blocks without blocking the caller's thread.
func onNewThread<Outcome: Sendable>(
  _ body: @escaping @Sendable () throws(StorageError) -> Outcome
) async throws(StorageError) -> Outcome {
  let result: Result<Outcome, StorageError> = await withCheckedContinuation { continuation in
    startThread {
      continuation.resume(returning: Result { () throws(StorageError) in try body() })
    }
  }
  return try result.get()
}

/// Something that happens once, such as the end of a thread.
final class Milestone: Sendable {
  private enum State {
    case ahead([CheckedContinuation<Void, Never>])
    case reached
  }

  private let state = Mutex(State.ahead([]))

  func reach() {
    let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
      guard case .ahead(let waiting) = state else { return [] }
      state = .reached
      return waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  func wait() async {
    await withCheckedContinuation { continuation in
      let isReached = state.withLock { state in
        guard case .ahead(let waiting) = state else { return true }
        state = .ahead(waiting + [continuation])
        return false
      }
      if isReached { continuation.resume() }
    }
  }
}
