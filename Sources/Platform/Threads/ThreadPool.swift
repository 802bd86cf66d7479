/// A fixed number of threads for calls that block. Jobs run in the order in which they come.
public final class ThreadPool: Sendable {
  private let jobs = Mailbox<@Sendable () -> Void>(limit: (count: .max, bytes: .max))
  private let ended: [Milestone]

  /// Works with fewer threads where the system gives no more; throws where it gives none.
  public init(threads count: Int) throws(ThreadFailure) {
    var ended: [Milestone] = []
    for _ in 0..<count {
      let milestone = Milestone()
      do throws(ThreadFailure) {
        try startThread { [jobs] in
          while let taken = jobs.take(atMost: (count: 1, bytes: .max)) {
            for job in taken { job() }
          }
          milestone.reach()
        }
      } catch {
        if ended.isEmpty { throw error }
        break
      }
      ended.append(milestone)
    }
    self.ended = ended
  }

  // The threads hold the mailbox alone: they end when the pool is gone.
  deinit { jobs.close() }

  /// Whether a job waits for a thread.
  var isBusy: Bool { jobs.count > 0 }

  /// Has a thread do the job. False after `close`: it is not done then.
  @discardableResult
  public func run(_ job: @escaping @Sendable () -> Void) -> Bool { jobs.put(job) == .delivered }

  /// Makes a call that blocks without blocking the caller's thread.
  public func call<Outcome: Sendable, Failure: Error>(
    _ body: @escaping @Sendable () throws(Failure) -> Outcome
  ) async throws(Failure) -> Outcome {
    let result: Result<Outcome, Failure> = await withCheckedContinuation { continuation in
      let job: @Sendable () -> Void = {
        continuation.resume(returning: Result { () throws(Failure) in try body() })
      }
      // Whoever calls while the pool is being closed waits for its own call.
      if !run(job) { job() }
    }
    return try result.get()
  }

  /// Takes no more jobs. Those that wait are done, and the threads end.
  public func close() async {
    jobs.close()
    for milestone in ended { await milestone.wait() }
  }
}
