import Glibc

/// The system refused a thread: a limit on processes or memory is reached.
public struct ThreadFailure: Error, CustomStringConvertible {
  public let description: String

  init(_ code: Int32) {
    description =
      "no thread could be started: \(String(cString: strerror(code))). Raise the limit of processes "
      + "(ulimit -u, or the container's pids limit)"
  }
}

/// Starts a thread of our own, for calls that block.
public func startThread(_ body: @escaping @Sendable () -> Void) throws(ThreadFailure) {
  pthread_detach(try makeThread(body))
}

/// Throws where the system does not give so many threads more. For libraries that trap without
/// them.
public func requireThreads(_ count: Int) throws(ThreadFailure) {
  // Each waits until all are there, and nothing ever comes.
  let nothing = Mailbox<Never>(limit: (count: 1, bytes: 1))
  var threads: [pthread_t] = []
  defer {
    nothing.close()
    for thread in threads { pthread_join(thread, nil) }
  }
  while threads.count < count {
    threads.append(try makeThread { _ = nothing.take(atMost: (count: 1, bytes: 1)) })
  }
}

/// A thread that is to be joined or detached.
private func makeThread(
  _ body: @escaping @Sendable () -> Void
) throws(ThreadFailure) -> pthread_t {
  final class Start {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  var thread = pthread_t()
  let start = Unmanaged.passRetained(Start(body))
  let code = pthread_create(
    &thread, nil,
    { argument in
      // The thread takes ownership of the reference.
      if let argument { Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body() }
      return nil
    }, start.toOpaque())
  guard code == 0 else {
    start.release()
    throw ThreadFailure(code)
  }
  return thread
}
