import Synchronization

/// Tells a blocking call that its caller has given up.
public final class Cancellation: Sendable {
  private let state = Atomic(false)

  public init() {}

  public var isCancelled: Bool { state.load(ordering: .relaxed) }

  func cancel() { state.store(true, ordering: .relaxed) }
}

/// Makes a blocking call on a thread of its own, and waits for it.
///
/// - Parameter body: polls the cancellation, which follows the task's.
public func onThread<Outcome: Sendable>(
  _ body: @escaping @Sendable (Cancellation) -> Outcome
) async throws(ThreadFailure) -> Outcome {
  let cancellation = Cancellation()
  let result: Result<Outcome, ThreadFailure> = await withTaskCancellationHandler {
    await withCheckedContinuation { continuation in
      do throws(ThreadFailure) {
        try startThread { continuation.resume(returning: .success(body(cancellation))) }
      } catch {
        continuation.resume(returning: .failure(error))
      }
    }
  } onCancel: {
    cancellation.cancel()
  }
  return try result.get()
}
