import Glibc

/// Starts a thread of our own, for calls that block.
public func startThread(_ body: @escaping @Sendable () -> Void) {
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
public func onNewThread<Outcome: Sendable, Failure: Error>(
  _ body: @escaping @Sendable () throws(Failure) -> Outcome
) async throws(Failure) -> Outcome {
  let result: Result<Outcome, Failure> = await withCheckedContinuation { continuation in
    startThread {
      continuation.resume(returning: Result { () throws(Failure) in try body() })
    }
  }
  return try result.get()
}
