/// Runs `body` until `deadline`, then cancels it; nil where the time was up first.
///
/// It comes back only when `body` has ended, so `body` must heed cancellation.
func inTime<Result: Sendable>(
  until deadline: ContinuousClock.Instant, in environment: Environment,
  _ body: @escaping @Sendable () async -> Result
) async -> Result? {
  await withTaskGroup(of: Result?.self) { group in
    group.addTask { await body() }
    group.addTask {
      try? await environment.sleep(deadline - environment.instant())
      return nil
    }
    let first = await group.next() ?? nil
    group.cancelAll()
    return first
  }
}
