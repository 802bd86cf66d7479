import EventModel
import Synchronization

/// What the tasks of one active subscription share.
final class SubscriptionRun: Sendable {
  fileprivate struct State {
    var plan: DispatchPlan
    var parked: Set<Root>
    var reader: (limit: Int, continuation: CheckedContinuation<Void, Never>)?
  }

  private let state: Mutex<State>

  init(checkpoint: UInt64, parked: Set<Root>) {
    state = Mutex(State(plan: DispatchPlan(startingAt: checkpoint), parked: parked))
  }

  var lowWaterMark: UInt64 { state.withLock { $0.plan.lowWaterMark } }

  /// Whether everything that was admitted is dealt with.
  var isIdle: Bool { state.withLock { $0.plan.pendingCount == 0 } }

  func admit(_ commit: RecordedCommit) -> Bool { state.withLock { $0.plan.admit(commit) } }

  func due(for root: Root, bytesMax: Int) -> [RecordedCommit]? {
    state.withLock { $0.plan.due(for: root, bytesMax: bytesMax) }
  }

  func finish(_ commits: [RecordedCommit]) {
    let reader = state.withLock { state -> CheckedContinuation<Void, Never>? in
      state.plan.finish(commits)
      guard let reader = state.reader, state.plan.pendingCount < reader.limit else { return nil }
      return state.takeReader()
    }
    reader?.resume()
  }

  /// Waits until fewer than `limit` commits are pending. Only the one reader waits.
  func waitForRoom(_ limit: Int) async throws {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isFree = state.withLock { state in
          if Task.isCancelled || state.plan.pendingCount < limit { return true }
          state.reader = (limit, continuation)
          return false
        }
        if isFree { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.takeReader() }?.resume()
    }
    try Task.checkCancellation()
  }

  func isParked(_ root: Root) -> Bool { state.withLock { $0.parked.contains(root) } }
  func park(_ root: Root) { state.withLock { _ = $0.parked.insert(root) } }
  func unpark(_ root: Root) { state.withLock { _ = $0.parked.remove(root) } }
}

extension SubscriptionRun.State {
  fileprivate mutating func takeReader() -> CheckedContinuation<Void, Never>? {
    defer { reader = nil }
    return reader?.continuation
  }
}
