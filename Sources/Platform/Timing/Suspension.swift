/// Suspends the task until its continuation is resumed or the task is cancelled.
///
/// - Parameters:
///   - begin: stores the continuation and returns true; returns false if there is nothing to wait
///     for.
///   - takeBack: removes and returns the stored continuation; nil if it was removed already, by
///     the code that resumes it.
public func suspend(
  _ begin: (CheckedContinuation<Void, Never>) -> Bool,
  takeBack: @Sendable () -> CheckedContinuation<Void, Never>?
) async {
  await withTaskCancellationHandler {
    await withCheckedContinuation { continuation in
      guard begin(continuation) else { return continuation.resume() }
      // A cancellation before `begin` found nothing to take.
      if Task.isCancelled { takeBack()?.resume() }
    }
  } onCancel: {
    takeBack()?.resume()
  }
}
