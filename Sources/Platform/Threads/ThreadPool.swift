/// A fixed number of threads for blocking calls. Jobs start in the order of arrival.
public final class ThreadPool: Sendable {
  private let jobs = Mailbox<@Sendable () -> Void>(limit: (count: .max, bytes: .max))
  private let ended: [Milestone]

  /// Runs with fewer threads if the system grants no more; throws if it grants none.
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

  // The threads hold only the mailbox, so they end when the pool is released.
  deinit { jobs.close() }

  /// True if a job waits for a thread.
  var isBusy: Bool { jobs.count > 0 }

  /// Queues the job. Returns false after `close`: the job does not run.
  @discardableResult
  public func run(_ job: @escaping @Sendable () -> Void) -> Bool { jobs.put(job) == .delivered }

  /// Makes a blocking call without blocking the caller's thread.
  public func call<Outcome: Sendable, Failure: Error>(
    _ body: @escaping @Sendable () throws(Failure) -> Outcome
  ) async throws(Failure) -> Outcome {
    let result: Result<Outcome, Failure> = await withCheckedContinuation { continuation in
      let job: @Sendable () -> Void = {
        continuation.resume(returning: Result { () throws(Failure) in try body() })
      }
      // The pool is closing: run the job on the caller's thread.
      if !run(job) { job() }
    }
    return try result.get()
  }

  /// Refuses new jobs, finishes the queued ones, and ends the threads.
  public func close() async {
    jobs.close()
    for milestone in ended { await milestone.wait() }
  }
}
