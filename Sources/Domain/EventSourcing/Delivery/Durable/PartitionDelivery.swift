import EventModel
import Timing

/// Delivers the lanes of one partition that a consumer holds, with one reader of the log.
///
/// Delivers each lane in log order from its checkpoint, as far as its window allows. Commits of
/// other lanes, and those that the filter excludes, advance the checkpoint by themselves. A
/// consumer that lost a lease without noticing does no harm: its checkpoints are fenced, and the
/// next consumer gets what it did not acknowledge.
final class PartitionDelivery: Sendable {
  private let partition: UInt32
  private let subscription: DurableSubscription
  private let store: any DomainStore
  private let filter: EventTypeFilter
  private let link: ConsumerLink
  private let settings: ConsumerSettings
  private let environment: Environment
  private let lanes: Watched<PartitionLanes>

  init(
    _ partition: UInt32, of subscription: DurableSubscription, in store: any DomainStore,
    filter: EventTypeFilter, link: ConsumerLink, _ settings: ConsumerSettings,
    _ environment: Environment
  ) {
    self.partition = partition
    self.subscription = subscription
    self.store = store
    self.filter = filter
    self.link = link
    self.settings = settings
    self.environment = environment
    lanes = Watched(PartitionLanes(partition, reach: settings.readLimit.count))
  }

  // MARK: Gaining and losing lanes

  /// The leases of the lanes held.
  var leases: [UInt32: Lease] { lanes.look { $0.leases } }

  /// The lanes that are being given away.
  var retiring: Set<UInt32> { lanes.look { $0.retiring } }

  func gain(_ lane: UInt32, from checkpoint: UInt64, holding lease: Lease) {
    lanes.change {
      $0.gain(lane, from: checkpoint, windowSize: settings.window, holding: lease)
    }
  }

  /// Stops delivering on the lane.
  func retire(_ lane: UInt32) { lanes.change { $0.retire(lane) } }

  /// Releases the lane once all deliveries are acknowledged, or after `patience`. Saves the
  /// checkpoint with it, so that the next consumer starts at once and repeats little.
  func leave(_ lane: UInt32, holding lease: Lease, patience: Duration) async {
    if patience > .zero {
      await within(patience, sleep: environment.sleep) { [lanes] in
        _ = await lanes.wait { $0.isDone(lane, holding: lease) ? true : nil }
      }
    }
    if let mark = lanes.look({ $0.mark(of: lane, holding: lease) }) {
      await store.leave(lease, of: checkpointName(lane), at: position(mark))
    }
  }

  /// Removes a lane that was released, or that another consumer took.
  func lose(_ lane: UInt32, holding lease: Lease) {
    lanes.change { $0.lose(lane, holding: lease) }
  }

  /// Returns false if no such commit was delivered.
  func acknowledge(_ number: UInt64, on lane: UInt32) -> Bool {
    switch lanes.look({ $0.acknowledge(number, on: lane) }) {
    case .refused: return false
    case .taken: break
    case .awaited: lanes.wake()
    }
    return true
  }

  // MARK: Delivering

  /// Delivers until cancelled. Throws if the store or the link fails.
  func deliver() async throws {
    // The held bytes that the link knows of.
    var heldBytes = 0
    while true {
      try Task.checkCancellation()
      switch await lanes.wait(for: { $0.next() }) {
      case .tell(let message): try await link.send(message)
      case .read(let number, let readers):
        let readBytes = try await read(after: number, for: readers)
        let byteCount = lanes.look { $0.byteCount }
        try await link.hold(byteCount - heldBytes - readBytes)
        heldBytes = byteCount
      case nil: break
      }
    }
  }

  /// Returns the bytes that it reported to the link.
  private func read(after number: UInt64, for readers: Set<UInt32>) async throws -> Int {
    let commits: [RecordedCommit]
    do {
      commits = try await link.gate.run {
        let commits = try await store.log(after: position(number), limit: settings.readLimit)
        try await link.hold(commits.byteCount)
        return commits
      }
    } catch let error as StorageError {
      guard let damage = error.damage, let position = damage.position else { throw error }
      try await deliver(.damage(position, error.message), on: lane(of: damage))
      pass(upTo: position.number)
      return 0
    }
    guard let last = commits.last else {
      lanes.change { $0.foundNothing() }
      return 0
    }
    for commit in commits {
      let lane = lane(of: commit.commit.cover.root)
      guard readers.contains(lane), filter.includes(commit.commit.pages) else { continue }
      try await deliver(.commit(commit), on: lane)
    }
    pass(upTo: last.position.number)
    return commits.byteCount
  }

  private func deliver(_ item: HeldLane.Item, on lane: UInt32) async throws {
    guard let message = lanes.look({ $0.take(item, on: lane) }) else { return }
    try await link.send(message)
  }

  private func pass(upTo number: UInt64) {
    if lanes.look({ $0.pass(upTo: number) }) { lanes.wake() }
  }

  private func lane(of root: Root) -> UInt32 {
    SubscriptionLane.lane(of: root, of: subscription.lanes)
  }

  /// Damage of an unknown aggregate is reported on the first lane.
  private func lane(of damage: Damage) -> UInt32 { damage.root.map(lane) ?? 0 }

  /// Wakes the reader when the log may have more, until cancelled.
  func watchLog() async throws {
    while let end = await lanes.wait(for: { $0.end }) {
      await store.waitForLog(after: position(end))
      try Task.checkCancellation()
      lanes.change { $0.newsCame() }
    }
    try Task.checkCancellation()
  }

  // MARK: Checkpoints

  /// Saves each lane's checkpoint at intervals, until cancelled. Throws if the store fails.
  func saveCheckpoints() async throws {
    while await lanes.wait(for: { $0.isUnsaved ? true : nil }) != nil {
      try await environment.sleep(settings.checkpointInterval)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (lane, number, lease) in lanes.look({ $0.takeUnsaved() }) {
          group.addTask { try await self.save(lane, at: number, holding: lease) }
        }
        try await group.waitForAll()
      }
    }
    try Task.checkCancellation()
  }

  private func save(_ lane: UInt32, at number: UInt64, holding lease: Lease) async throws {
    do {
      try await store.advance(checkpointName(lane), to: position(number), holding: lease)
    } catch {
      // If another consumer has the lane, the next renewal of leases detects it.
      if error.code != .fenced { throw error }
    }
  }

  private func checkpointName(_ lane: UInt32) -> Name {
    subscription.checkpointName(SubscriptionLane(partition: partition, lane: lane))
  }

  private func position(_ number: UInt64) -> Position {
    Position(partition: partition, number: number)
  }
}
