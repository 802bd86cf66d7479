import UnixSignals

/// What `body` returns; nil if the process is asked to end first, by SIGTERM or SIGINT. `body` is
/// cancelled then.
///
/// For what is waited for before the services run, which heed these signals by themselves: the
/// first process of a container is not ended by a signal that it does not handle.
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
