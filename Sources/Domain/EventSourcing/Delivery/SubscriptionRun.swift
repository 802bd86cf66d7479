import EventModel
import Synchronization
import Timing

/// What the tasks of one active subscription share.
final class SubscriptionRun: Sendable {
  fileprivate struct State {
    var plan: DispatchPlan
    var parked = ParkedFilter()
    var circuit: Circuit
    var reader: CheckedContinuation<Void, Never>?
  }

  let lease: Lease
  /// Aggregates wait here until one of the deliveries before them ends. Meanwhile more of their
  /// commits arrive and join the same book.
  let deliveries: ConcurrencyLimit
  private let handledEnd: UInt64
  private let settings: SubscriptionSettings
  private let state: Mutex<State>

  /// - Parameter handledEnd: commits behind this position nobody can have handled before this run.
  init(
    checkpoint: UInt64, handledEnd: UInt64, holding lease: Lease, _ settings: SubscriptionSettings
  ) {
    self.lease = lease
    self.handledEnd = handledEnd
    self.settings = settings
    deliveries = ConcurrencyLimit(
      WriteUrgency.current == .background
        ? min(settings.backgroundDeliveriesMax, settings.deliveriesMax) : settings.deliveriesMax)
    state = Mutex(
      State(
        plan: DispatchPlan(
          startingAt: checkpoint, heldPerAggregateMax: max(settings.windowMax / 2, 1)),
        circuit: Circuit(settings)))
  }

  // MARK: What is to be delivered

  var lowWaterMark: UInt64 { state.withLock { $0.plan.lowWaterMark } }

  /// Whether everything that was admitted is dealt with.
  var isIdle: Bool { state.withLock { $0.plan.isIdle } }

  /// Those that have something to deliver.
  var aggregateCount: Int { state.withLock { $0.plan.aggregateCount } }

  func admit(_ commit: RecordedCommit) -> Bool { state.withLock { $0.plan.admit(commit) } }

  func due(for root: Root, eventsMax: Int = .max) -> DispatchPlan.Due? {
    changingPlan { $0.due(for: root, bytesMax: settings.bookBytesMax, eventsMax: eventsMax) }
  }

  /// True if consecutive commits begin an aggregate and no process can have handled any of them:
  /// they are younger than this run, and no command waited for them to be handled.
  func isNew(_ commits: [RecordedCommit]) -> Bool {
    guard let first = commits.first, first.position.number > handledEnd,
      first.commit.pages.first == .first
    else { return false }
    return !commits.contains { $0.commit.pages.hasSynchronous }
  }

  func becomesIdle(_ root: Root) -> Bool { changingPlan { $0.becomesIdle(root) } }

  func last(of root: Root) -> UInt64? { state.withLock { $0.plan.last(of: root) } }

  func finish(_ root: Root, upTo number: UInt64) {
    changingPlan { $0.finish(root, upTo: number) }
  }

  func release(_ root: Root) { changingPlan { $0.release(root) } }

  /// Waits until there is room for more commits. Only the one reader waits.
  func waitForRoom() async throws {
    await suspend { reader in
      state.withLock { state in
        if hasRoom(state.plan) { return false }
        state.reader = reader
        return true
      }
    } takeBack: {
      state.withLock { $0.reader.take() }
    }
    try Task.checkCancellation()
  }

  /// Makes a change that may give room to the reader.
  private func changingPlan<Result>(_ change: (inout DispatchPlan) -> Result) -> Result {
    let (result, reader) = state.withLock { state in
      let result = change(&state.plan)
      return (result, hasRoom(state.plan) ? state.reader.take() : nil)
    }
    reader?.resume()
    return result
  }

  private func hasRoom(_ plan: DispatchPlan) -> Bool {
    plan.pendingCount < settings.windowMax && plan.pendingBytes < settings.windowBytesMax
      && plan.aggregateCount < settings.aggregatesMax
  }

  // MARK: What is parked

  func mayBeParked(_ root: Root) -> Bool { state.withLock { $0.parked.mayContain(root) } }
  func noteParked(_ root: Root) { state.withLock { $0.parked.insert(root) } }

  // MARK: Whether the consumer is down

  func withCircuit<Result>(_ body: (inout Circuit) -> Result) -> Result {
    state.withLock { body(&$0.circuit) }
  }
}
