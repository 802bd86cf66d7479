import EventSourcing
import Threads

/// Work for a thread that owns a connection, with a waiting caller.
class Job<Context> {
  /// Whether it can be repeated if a power failure undoes it.
  let isInBackground: Bool

  init(inBackground: Bool) { isInBackground = inBackground }

  /// Does the work and stores the outcome. It may still be undone, and done again.
  func perform(in context: inout Context) throws(SQLiteFailure) {
    preconditionFailure("every kind of job says what it does")
  }

  /// Resumes the caller with the error; nil: with the outcome. Called exactly once.
  func finish(_ error: StorageError?) {
    preconditionFailure("every kind of job says whom to tell")
  }
}

/// A job of an asynchronous caller.
final class Call<Context, Outcome: Sendable>: Job<Context> {
  typealias Answer = Result<Outcome, StorageError>
  typealias Work = @Sendable (inout Context) throws(SQLiteFailure) -> Outcome

  private let work: Work
  private let continuation: UnsafeContinuation<Answer?, Never>
  private var outcome: Outcome?

  init(
    _ work: @escaping Work, inBackground: Bool, _ continuation: UnsafeContinuation<Answer?, Never>
  ) {
    self.work = work
    self.continuation = continuation
    super.init(inBackground: inBackground)
  }

  override func perform(in context: inout Context) throws(SQLiteFailure) {
    outcome = try work(&context)
  }

  override func finish(_ error: StorageError?) {
    if let error {
      continuation.resume(returning: .failure(error))
    } else if let outcome {
      continuation.resume(returning: .success(outcome))
    } else {
      preconditionFailure("a job is performed before it is finished")
    }
  }
}

extension WorkQueue {
  /// Does the work on a thread, and returns the outcome; nil if the queue is closed.
  func call<Context, Outcome: Sendable>(
    byteCount: Int = 0, inBackground: Bool = false, _ path: String,
    _ work: @escaping Call<Context, Outcome>.Work
  ) async throws(StorageError) -> Outcome? where Item == Job<Context> {
    let answer: Result<Outcome, StorageError>? = await withUnsafeContinuation { continuation in
      let job = Call(work, inBackground: inBackground, continuation)
      switch put(job, byteCount: byteCount, inBackground: inBackground) {
      case .delivered: break
      case .full:
        job.finish(
          StorageError(
            .unavailable, "too many calls wait for \(fileName(of: path)); try again later"))
      case .closed: continuation.resume(returning: nil)
      }
    }
    return try answer?.get()
  }
}
