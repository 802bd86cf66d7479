import EventModel
import Synchronization
import Timing

/// One consumer of a durable subscription in one domain: takes its share of the lanes, and gives
/// lanes away as others come.
public final class SubscriptionConsumer: Sendable {
  /// What a consumer wants.
  public struct Wish: Sendable {
    public var name: Name
    public var filter: EventTypeFilter
    public var start: SubscriptionRegistry.Start
    /// Of each partition; nil: as the subscription has them, or one.
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
    case ended(Int)
  }

  private struct State {
    var subscription: DurableSubscription?
    /// By their place among all lanes of the domain.
    var lanes: [Int: LaneDelivery] = [:]
    /// The highest position that was passed on each lane that the consumer had.
    var passed: [SubscriptionLane: UInt64] = [:]
  }

  private let wish: Wish
  private let store: any DomainStore
  /// Of its leases: no other consumer has this name.
  let owner: Name
  private let link: ConsumerLink
  private let settings: ConsumerSettings
  private let environment: Environment
  private let state = Mutex(State())

  /// - Parameter store: of a domain that exists.
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

  /// Runs until the task is cancelled. Throws what ends the consumer: `.conflict` where the
  /// subscription was deleted or moved, `.precondition` where it has other lanes, `StorageError`
  /// where the store fails, and what the link throws.
  public func run() async throws {
    let registry = SubscriptionRegistry(store, environment: environment)
    let subscription = try await registry.open(wish.name, lanes: wish.lanes, start: wish.start)
    state.withLock { $0.subscription = subscription }
    var seats = ConsumerSeats(subscription, in: store, settings, environment)
    do {
      try await share(subscription, &seats, registry)
    } catch {
      let left = seats
      await Task(executorPreference: LooseTasks.executor) {
        var seats = left
        try? await seats.leave()
      }.value
      throw error
    }
  }

  /// The consumer is done with a delivered commit. One of a lane that it lost has no effect. Throws
  /// `.invalid` for a lane that the subscription does not have, and for a commit that was not
  /// delivered.
  public func acknowledge(_ position: Position, lane: UInt32) throws(EventSourcingError) {
    let lane = SubscriptionLane(partition: position.partition, lane: lane)
    let (subscription, delivery, passed) = state.withLock { state in
      let delivery = state.lanes.values.first { $0.lane == lane }
      return (state.subscription, delivery, state.passed[lane])
    }
    let isKnown = subscription.map {
      lane.partition < $0.starts.count && lane.lane < $0.lanes
    }
    guard isKnown == true else {
      throw EventSourcingError(
        .invalid,
        "subscription \(wish.name) has no lane \(lane.lane) in partition \(lane.partition) of "
          + "domain \(store.domain)")
    }
    guard position.number <= max(delivery?.lastPassed ?? 0, passed ?? 0) else {
      throw EventSourcingError(
        .invalid,
        "position \(position) of domain \(store.domain) was not delivered on lane \(lane.lane): "
          + "acknowledge what came, with its own lane")
    }
    delivery?.acknowledge(position.number)
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
      var isWaiting = false
      while true {
        try Task.checkCancellation()
        let isDue = confirmedAt.map { $0 + settings.renewalInterval <= environment.instant() }
        if isDue ?? true {
          try await check(subscription, registry)
          mustLook = true
        }
        if try await seats.refresh() { mustLook = true }
        if mustLook, seats.standing != nil {
          try await balance(subscription, seats, &group)
        }
        mustLook = false
        let held = state.withLock { $0.lanes.keys.sorted() }
        if isDue ?? true || held != announced {
          try await seats.confirm(holding: held)
          if confirmedAt == nil { mustLook = true }
          (announced, confirmedAt) = (held, environment.instant())
        }
        if mustLook { continue }
        if !isWaiting { group.addTask { [seats] in await self.wait(seats) } }
        isWaiting = true
        switch try await group.next() {
        case .ended(let index):
          end(index)
          mustLook = true
        case .look, nil: isWaiting = false
        }
      }
    }
  }

  /// Until others may have changed something, or it is time to confirm the seat.
  private func wait(_ seats: ConsumerSeats) async -> Step {
    try? await environment.sleep(settings.pace)
    await within(settings.renewalInterval, sleep: environment.sleep) {
      await seats.waitForChanges()
    }
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

  private func balance(
    _ subscription: DurableSubscription, _ seats: ConsumerSeats,
    _ group: inout ThrowingTaskGroup<Step, any Error>
  ) async throws {
    guard let standing = seats.standing else { return }
    let all = subscription.allLanes
    let lanes = state.withLock { $0.lanes }
    let retiring = lanes.filter { $0.value.isRetiring }.keys
    let shares = LaneShares(
      rank: standing.rank, of: standing.count, lanes: all.count,
      held: lanes.keys.filter { !retiring.contains($0) },
      taken: seats.lanesOfOthers.union(retiring))
    for index in shares.give { lanes[index]?.retire() }
    var wanted = shares.wanted
    for index in shares.candidates where wanted > 0 {
      guard let delivery = try await take(all[index], of: subscription) else { continue }
      wanted -= 1
      state.withLock { $0.lanes[index] = delivery }
      group.addTask {
        try await delivery.run()
        return .ended(index)
      }
    }
  }

  /// Nil where another has the lane.
  private func take(
    _ lane: SubscriptionLane, of subscription: DurableSubscription
  ) async throws -> LaneDelivery? {
    let lease = try await store.acquire(
      subscription.leaseName(lane), owner: owner, duration: settings.leaseDuration)
    guard let lease else { return nil }
    let checkpoint: UInt64
    do {
      checkpoint = try await SubscriptionRegistry(store, environment: environment).checkpoint(
        of: lane, of: subscription)
    } catch {
      try? await store.release(lease)
      throw error
    }
    return LaneDelivery(
      lane, of: subscription, in: store, from: checkpoint, holding: lease, filter: wish.filter,
      link: link, settings, environment)
  }

  private func end(_ index: Int) {
    state.withLock { state in
      guard let ended = state.lanes.removeValue(forKey: index) else { return }
      state.passed[ended.lane] = max(state.passed[ended.lane] ?? 0, ended.lastPassed)
    }
  }
}
