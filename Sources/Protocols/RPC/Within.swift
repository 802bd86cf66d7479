/// What `body` returns; nil where it takes longer, or the task is cancelled. Then `body` is cancelled, too, and goes
/// on for itself until it heeds that.
package func within<Value: Sendable>(
  _ patience: Duration, _ body: @escaping @Sendable () async -> Value
) async -> Value? {
  let (outcomes, outcome) = AsyncStream<Value?>.makeStream()
  let work = Task { outcome.yield(await body()) }
  let timer = Task {
    try? await Task.sleep(for: patience)
    outcome.yield(nil)
  }
  defer {
    work.cancel()
    timer.cancel()
  }
  for await value in outcomes { return value }
  return nil
}
