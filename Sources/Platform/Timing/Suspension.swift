/// Suspends the task until somebody resumes it, or it is cancelled.
///
/// - Parameters:
///   - begin: keeps the continuation for whoever is to resume it, and returns true; false: there is
///     nothing to wait for.
///   - takeBack: takes out what `begin` kept; nil where somebody took it already, who resumes it.
public func suspend(
  _ begin: (CheckedContinuation<Void, Never>) -> Bool,
  takeBack: @Sendable () -> CheckedContinuation<Void, Never>?
) async {
  await withTaskCancellationHandler {
    await withCheckedContinuation { continuation in
      guard begin(continuation) else { return continuation.resume() }
      // A cancellation that came before `begin` has found nothing to take.
      if Task.isCancelled { takeBack()?.resume() }
    }
  } onCancel: {
    takeBack()?.resume()
  }
}
