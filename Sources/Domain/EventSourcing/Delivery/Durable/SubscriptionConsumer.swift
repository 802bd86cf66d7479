import EventModel
import Synchronization
import Timing

/// One consumer of a durable subscription in one domain. Takes its share of the lanes, and gives
/// lanes away as other consumers join.
public final class SubscriptionConsumer: Sendable {
  /// A consumer's request.
  public struct Wish: Sendable {
    public var name: Name
    public var filter: EventTypeFilter
    public var start: SubscriptionRegistry.Start
    /// Lanes of each partition; nil: the subscription's number, or one for a new subscription.
    public var lanes: Int?

    public init(
      name: Name, filter: EventTypeFilter = .all, start: SubscriptionRegistry.Start = .beginning,
      lanes: Int? = nil
    ) {
      self.name = name
      self.filter = filter
      self.start = start
      self.lanes = lanes
    }
  }

  private enum Step: Sendable {
    case look
    case due
    case left(SubscriptionLane, Lease)
  }

  private let wish: Wish
  private let store: any DomainStore
  /// The owner of its leases, unique to this consumer.
  let owner: Name
  private let link: ConsumerLink
  private let settings: ConsumerSettings
  private let environment: Environment
  private let subscription = Mutex<DurableSubscription?>(nil)
  private let lanes = ConsumerLanes()

  /// - Parameter store: the store of an existing domain.
  public init(
    _ wish: Wish, in store: any DomainStore, link: ConsumerLink,
    settings: ConsumerSettings = ConsumerSettings(), environment: Environment = .live
  ) {
    self.wish = wish
    self.store = store
    self.link = link
    self.settings = settings
    self.environment = environment
    owner = Name("consumer-\(environment.newCommitID())")
  }

  /// Runs until cancelled. Throws `.conflict` if the subscription was deleted or moved,
  /// `.precondition` if it has another number of lanes, `StorageError` if the store fails, and
  /// errors of the link.
  public func run() async throws {
    let registry = SubscriptionRegistry(store, environment: environment)
    let subscription = try await registry.open(wish.name, lanes: wish.lanes, start: wish.start)
    self.subscription.withLock { $0 = subscription }
    var seats = ConsumerSeats(subscription, in: store, settings, environment)
    do {
      try await share(subscription, &seats, registry)
    } catch {
      let left = seats
      await Task(executorPreference: LooseTasks.executor) {
        var seats = left
        await self.lanes.leaveAll()
        try? await seats.leave()
      }.value
      throw error
    }
  }

  /// Acknowledges a delivered commit. No effect on a lane that the consumer lost. Throws
  /// `.invalid` for a lane that the subscription does not have, and for a commit that was not
  /// delivered.
  public func acknowledge(_ position: Position, lane: UInt32) throws(EventSourcingError) {
    let lane = SubscriptionLane(partition: position.partition, lane: lane)
    let isKnown = subscription.withLock(\.self).map {
      lane.partition < $0.starts.count && lane.lane < $0.lanes
    }
    guard isKnown == true else {
      throw EventSourcingError(
        .invalid,
        "subscription \(wish.name) has no lane \(lane.lane) in partition \(lane.partition) of "
          + "domain \(store.domain)")
    }
    let delivery = lanes.delivery(of: lane.partition)
    guard delivery?.acknowledge(position.number, on: lane.lane) == true else {
      throw EventSourcingError(
        .invalid,
        "position \(position) of domain \(store.domain) was not delivered on lane \(lane.lane): "
          + "acknowledge what came, with its own lane")
    }
  }

  // MARK: Sharing the lanes

  private func share(
    _ subscription: DurableSubscription, _ seats: inout ConsumerSeats,
    _ registry: SubscriptionRegistry
  ) async throws {
    try await withThrowingTaskGroup(of: Step.self) { group in
      var confirmedAt: ContinuousClock.Instant?
      var announced: [Int] = []
      var mustLook = true
      var (isWaiting, isTimed) = (false, false)
      while true {
        try Task.checkCancellation()
        let now = environment.instant()
        let isDue = confirmedAt.map { $0 + settings.renewalInterval <= now } ?? true
        if isDue {
          try await check(subscription, registry)
          try await renewLeases(&group)
          mustLook = true
        }
        if try await seats.refresh() { mustLook = true }
        if mustLook, seats.standing != nil {
          try await balance(subscription, seats, &group)
        }
        mustLook = false
        let held = lanes.held.keys.map(subscription.place).sorted()
        if isDue || held != announced {
          try await seats.confirm(holding: held)
          if confirmedAt == nil { mustLook = true }
          announced = held
        }
        if isDue { confirmedAt = now }
        if mustLook { continue }
        if !isWaiting { group.addTask { [seats] in await self.waitForOthers(seats) } }
        if !isTimed {
          let rest = (confirmedAt ?? now) + settings.renewalInterval - environment.instant()
          group.addTask {
            try? await self.environment.sleep(rest)
            return .due
          }
        }
        (isWaiting, isTimed) = (true, true)
        switch try await group.next() {
        case .left(let lane, let lease):
          lanes.delivery(of: lane.partition)?.lose(lane.lane, holding: lease)
          mustLook = true
        case .look, nil: isWaiting = false
        case .due: isTimed = false
        }
      }
    }
  }

  /// Waits until other consumers may have changed a seat.
  private func waitForOthers(_ seats: ConsumerSeats) async -> Step {
    try? await environment.sleep(settings.pace)
    await seats.waitForChanges()
    return .look
  }

  private func check(
    _ subscription: DurableSubscription, _ registry: SubscriptionRegistry
  ) async throws {
    guard try await registry.find(wish.name)?.generation == subscription.generation else {
      throw EventSourcingError(
        .conflict,
        "subscription \(wish.name) of domain \(store.domain) was deleted or moved: subscribe again")
    }
  }

  /// Renews all leases in one call. Loses only the lanes whose leases another consumer has.
  private func renewLeases(_ group: inout ThrowingTaskGroup<Step, any Error>) async throws {
    let held = lanes.held
    if held.isEmpty { return }
    let renewed = try await store.renew(Array(held.values), for: settings.leaseDuration)
    for (lane, lease) in held where !renewed.contains(lease) {
      leave(lane, lease, patience: .zero, &group)
    }
  }

  private func balance(
    _ subscription: DurableSubscription, _ seats: ConsumerSeats,
    _ group: inout ThrowingTaskGroup<Step, any Error>
  ) async throws {
    guard let standing = seats.standing else { return }
    let all = subscription.allLanes
    let held = lanes.held
    let retiring = Set(lanes.retiring.map(subscription.place))
    let shares = LaneShares(
      rank: standing.rank, of: standing.count, lanes: all.count,
      held: held.keys.map(subscription.place).filter { !retiring.contains($0) },
      taken: seats.lanesOfOthers.union(retiring))
    for lane in shares.give.map({ all[$0] }) {
      if let lease = held[lane] { leave(lane, lease, patience: settings.leaseDuration, &group) }
    }
    var wanted = shares.wanted
    for lane in shares.candidates.map({ all[$0] }) where wanted > 0 {
      guard let (lease, checkpoint) = try await take(lane, of: subscription) else { continue }
      wanted -= 1
      let delivery =
        lanes.delivery(of: lane.partition) ?? begin(lane.partition, of: subscription, &group)
      delivery.gain(lane.lane, from: checkpoint, holding: lease)
    }
  }

  /// Returns nil if another consumer has the lane.
  private func take(
    _ lane: SubscriptionLane, of subscription: DurableSubscription
  ) async throws -> (lease: Lease, checkpoint: UInt64)? {
    let lease = try await store.acquire(
      subscription.leaseName(lane), owner: owner, duration: settings.leaseDuration)
    guard let lease else { return nil }
    do {
      let registry = SubscriptionRegistry(store, environment: environment)
      return (lease, try await registry.checkpoint(of: lane, of: subscription))
    } catch {
      try? await store.release(lease)
      throw error
    }
  }

  private func leave(
    _ lane: SubscriptionLane, _ lease: Lease, patience: Duration,
    _ group: inout ThrowingTaskGroup<Step, any Error>
  ) {
    guard let delivery = lanes.delivery(of: lane.partition) else { return }
    delivery.retire(lane.lane)
    group.addTask {
      await delivery.leave(lane.lane, holding: lease, patience: patience)
      return .left(lane, lease)
    }
  }

  /// Starts the delivery of a partition, for its first lane.
  private func begin(
    _ partition: UInt32, of subscription: DurableSubscription,
    _ group: inout ThrowingTaskGroup<Step, any Error>
  ) -> PartitionDelivery {
    let delivery = PartitionDelivery(
      partition, of: subscription, in: store, filter: wish.filter, link: link, settings,
      environment)
    lanes.add(delivery, of: partition)
    group.addTask {
      try await delivery.deliver()
      return .look
    }
    group.addTask {
      try await delivery.watchLog()
      return .look
    }
    group.addTask {
      try await delivery.saveCheckpoints()
      return .look
    }
    return delivery
  }
}
