/// Waits for `body`, but no longer than `patience`.
///
/// Returns nil if the time passes first, or if the task is cancelled. `body` is then cancelled,
/// and runs on until it notices.
///
/// - Parameter sleep: waits for the time to pass; a test passes its own clock.
@discardableResult
public func within<Value: Sendable>(
  _ patience: Duration,
  sleep: @escaping @Sendable (Duration) async throws -> Void = Environment.live.sleep,
  _ body: @escaping @Sendable () async -> Value
) async -> Value? {
  let (outcomes, outcome) = AsyncStream<Value?>.makeStream()
  let executor = LooseTasks.executor
  let work = Task(executorPreference: executor) { outcome.yield(await body()) }
  let timer = Task(executorPreference: executor) {
    try? await sleep(patience)
    outcome.yield(nil)
  }
  defer {
    work.cancel()
    timer.cancel()
  }
  for await value in outcomes { return value }
  return nil
}
