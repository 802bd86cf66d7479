import EventModel
import Synchronization
import Timing

/// Delivers one lane of a durable subscription to one consumer, for as long as it holds the lease.
///
/// In log order, from the checkpoint on, as far as the window reaches. What the lane or the filter
/// leaves out moves the checkpoint by itself. A consumer that lost its lease unawares does no harm:
/// its checkpoints are fenced, and the next one gets what it did not acknowledge.
final class LaneDelivery: Sendable {
  let lane: SubscriptionLane
  private let subscription: DurableSubscription
  private let store: any DomainStore
  private let lease: Lease
  private let filter: EventTypeFilter
  private let link: ConsumerLink
  private let settings: ConsumerSettings
  private let environment: Environment
  private let window: LaneWindow
  /// What the link was told that the window takes. Most consumers never fill theirs.
  private let windowBytesHeld = Atomic(0)

  init(
    _ lane: SubscriptionLane, of subscription: DurableSubscription, in store: any DomainStore,
    from checkpoint: UInt64, holding lease: Lease, filter: EventTypeFilter, link: ConsumerLink,
    _ settings: ConsumerSettings, _ environment: Environment
  ) {
    self.lane = lane
    self.subscription = subscription
    self.store = store
    self.lease = lease
    self.filter = filter
    self.link = link
    self.settings = settings
    self.environment = environment
    window = LaneWindow(startingAt: checkpoint, size: settings.window)
  }

  /// The last position that was delivered or left out.
  var lastPassed: UInt64 { window.lastPassed }
  var isRetiring: Bool { window.isRetiring }

  func acknowledge(_ number: UInt64) { window.acknowledge(number) }

  /// Has the lane end once what was delivered is acknowledged, or after the time of a lease.
  func retire() { window.retire() }

  /// Runs until the lane was given away or its lease is lost. Throws where the store or the link
  /// fails, and when the task is cancelled. On every way out the checkpoint is saved and the lease
  /// given back, so that the next consumer starts at once and repeats little.
  func run() async throws {
    do {
      try await link.send(.gained(lane, checkpoint: window.mark.number))
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await self.renew() }
        group.addTask { try await self.saveCheckpoints() }
        group.addTask { try await self.deliver() }
        defer { group.cancelAll() }
        try await group.next()
      }
    } catch let error as StorageError where error.code == .fenced {
      // The lane is another's: this ends the lane and nothing else.
    } catch {
      await leave()
      throw error
    }
    await leave()
    try await link.send(.lost(lane, checkpoint: window.mark.number))
    try await link.hold(-windowBytesHeld.load(ordering: .relaxed))
  }

  private func renew() async throws {
    while true {
      try await environment.sleep(settings.renewalInterval)
      try await store.renew(lease, for: settings.leaseDuration)
    }
  }

  private func saveCheckpoints() async throws {
    var saved = window.mark.number
    while true {
      await window.mark.wait(for: saved + 1)
      try await environment.sleep(settings.checkpointInterval)
      let reached = window.mark.number
      try await store.advance(
        subscription.checkpointName(lane), to: position(reached), holding: lease)
      saved = reached
    }
  }

  private func leave() async {
    await store.leave(
      lease, of: subscription.checkpointName(lane), at: position(window.mark.number))
  }

  private func position(_ number: UInt64) -> Position {
    Position(partition: lane.partition, number: number)
  }

  /// Delivers until the lane is to be given away, and then waits for what is not acknowledged.
  private func deliver() async throws {
    while !window.isRetiring {
      try Task.checkCancellation()
      let after = position(window.lastPassed)
      let commits: [RecordedCommit]
      do {
        commits = try await link.gate.run {
          let commits = try await store.log(after: after, limit: settings.readLimit)
          try await link.hold(commits.byteCount)
          return commits
        }
      } catch let error as StorageError {
        guard let damage = error.damage, let position = damage.position else { throw error }
        try await report(damage, at: position, error.message)
        continue
      }
      if commits.isEmpty { await waitForNews(after: after) }
      try await deliver(commits)
      try await link.hold(windowGrowth() - commits.byteCount)
    }
    await within(settings.leaseDuration, sleep: environment.sleep) {
      await self.window.waitUntilIdle()
    }
    try Task.checkCancellation()
  }

  /// How many bytes the window has taken since the link was told.
  private func windowGrowth() -> Int {
    let byteCount = window.byteCount
    return byteCount - windowBytesHeld.exchange(byteCount, ordering: .relaxed)
  }

  private func deliver(_ commits: [RecordedCommit]) async throws {
    for commit in commits {
      let number = commit.position.number
      guard isOwn(commit.commit.cover.root), filter.includes(commit.commit.pages) else {
        window.leaveOut(upTo: number)
        continue
      }
      guard try await window.deliver(number) else { return }
      try await link.send(.commit(commit, lane: lane.lane))
    }
  }

  private func isOwn(_ root: Root) -> Bool {
    SubscriptionLane.lane(of: root, of: subscription.lanes) == lane.lane
  }

  /// Damage of an aggregate that cannot be told is reported on the first lane.
  private func report(_ damage: Damage, at position: Position, _ message: String) async throws {
    guard damage.root.map(isOwn) ?? (lane.lane == 0) else {
      return window.leaveOut(upTo: position.number)
    }
    guard try await window.deliver(position.number) else { return }
    try await link.send(.damage(position, lane: lane.lane, message))
  }

  /// Returns when the log may have more, or the lane is to be given away.
  private func waitForNews(after position: Position) async {
    await withTaskGroup { group in
      group.addTask { await self.store.waitForLog(after: position) }
      group.addTask { await self.window.waitForRetirement() }
      await group.next()
      group.cancelAll()
    }
  }
}

extension [RecordedCommit] {
  fileprivate var byteCount: Int { reduce(0) { $0 + $1.byteCount } }
}
