import UnixSignals

/// The result of `body`; nil if SIGTERM or SIGINT comes first, which cancels `body`.
///
/// For waits before the services run, which handle these signals themselves: an unhandled signal
/// does not end the first process of a container.
func unlessStopped<Result: Sendable>(
  _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result? {
  let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
  return try await withThrowingTaskGroup(of: Result?.self) { group in
    group.addTask { try await body() }
    group.addTask {
      for await _ in signals { break }
      return nil
    }
    defer { group.cancelAll() }
    return try await group.next() ?? nil
  }
}
