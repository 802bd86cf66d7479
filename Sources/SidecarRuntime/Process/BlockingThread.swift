import Glibc

/// Runs a blocking call on a thread of its own, so that it holds up no task, and waits for it.
func onThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
  await withCheckedContinuation { continuation in
    let job = Job { continuation.resume(returning: body()) }
    var thread = pthread_t()
    // The thread takes over the reference.
    let context = Unmanaged.passRetained(job).toOpaque()
    let code = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Job>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context)
    precondition(code == 0, "the system gives no thread: \(String(cString: strerror(code)))")
    pthread_detach(thread)
  }
}

private final class Job: Sendable {
  let run: @Sendable () -> Void

  init(run: @escaping @Sendable () -> Void) { self.run = run }
}
