import EventModel
import Timing

/// Feeds every generation of one projector's projections in one domain, and removes the records
/// of dropped ones. Every process reads the same generations from the store; each generation's
/// leases let one process feed it.
public final class GenerationFeeder: Sendable {
  /// A generation, with its rate and role.
  public struct Feed: Equatable, Sendable {
    public var generation: Generation
    /// Whether queries read this generation.
    public var isLive: Bool
    /// Events a second at most; nil: as many as the logic takes.
    public var throttle: Int?
  }

  /// Feeds a generation until cancelled.
  public typealias Follow = @Sendable (Feed) async -> Void

  private let projector: Name
  private let store: any ConsumerStore
  private let live: LiveGenerations
  private let owner: Name
  private let environment: Environment
  private let observe: @Sendable (SubscriptionEvent) -> Void
  private let follow: Follow
  private let registry: GenerationRegistry
  private let current: Watched<ProjectionGenerations>

  /// - Parameters:
  ///   - owner: this process's name, for leases.
  ///   - observe: gets failures of the store; must not block.
  public init(
    of projector: Name, store: any ConsumerStore, live: LiveGenerations, owner: Name,
    environment: Environment = .live,
    observe: @escaping @Sendable (SubscriptionEvent) -> Void = { _ in },
    follow: @escaping Follow
  ) {
    self.projector = projector
    self.store = store
    self.live = live
    self.owner = owner
    self.environment = environment
    self.observe = observe
    self.follow = follow
    registry = GenerationRegistry(store, environment: environment)
    current = Watched(ProjectionGenerations(of: projector))
  }

  /// Runs until cancelled. Retries while the store fails.
  public func run() async {
    await withDiscardingTaskGroup { group in
      var begun: Set<Generation> = []
      var backoff = Backoff(from: .milliseconds(50), upTo: .seconds(5))
      while !Task.isCancelled {
        do throws(StorageError) {
          let generations = try await registry.find(projector)
          if current.look({ $0 != generations }) { current.change { $0 = generations } }
          live.note(generations.live, of: projector, in: store.domain)
          // Numbers are never reused, so a generation begins once.
          for generation in generations.fed where begun.insert(generation).inserted {
            group.addTask { await self.feed(generation) }
          }
          for generation in generations.dropped where begun.insert(generation).inserted {
            group.addTask { await self.remove(generation) }
          }
          backoff.reset()
          // Generations change seldom, so one read a second is enough.
          try? await environment.sleep(LiveGenerations.staleMax)
        } catch {
          observe(.storeUnavailable(error))
          try? await environment.sleep(backoff.next(random: environment.random()))
        }
      }
      group.cancelAll()
    }
  }

  /// Feeds a generation while the projector has it, then removes its records.
  private func feed(_ generation: Generation) async {
    while let feed = current.look({ $0.feed(of: generation) }), !Task.isCancelled {
      await withTaskGroup { group in
        // Queries read only the live generation, so the others yield.
        group.addTask {
          await WriteUrgency.$current.withValue(feed.isLive ? .prompt : .background) {
            await self.follow(feed)
          }
        }
        group.addTask { [current] in
          _ = await current.wait { $0.feed(of: generation) == feed ? nil : () }
        }
        await group.next()
        group.cancelAll()
      }
    }
    if !Task.isCancelled { await remove(generation) }
  }

  // MARK: Removing

  private func remove(_ generation: Generation) async {
    var backoff = Backoff(from: .milliseconds(50), upTo: .seconds(5))
    while !Task.isCancelled {
      do {
        // Queries of other processes may still read it.
        try await environment.sleep(LiveGenerations.staleMax * 3)
        let isRemoved = try await WriteUrgency.$current.withValue(.background) {
          try await removeAll(of: generation.subscription(of: projector))
        }
        if isRemoved {
          try await registry.change(projector) { $0.removed(generation) }
          return
        }
      } catch let error as StorageError {
        observe(.storeUnavailable(error))
      } catch {
        if Task.isCancelled { return }
      }
      try? await environment.sleep(backoff.next(random: environment.random()))
    }
  }

  /// Removes records and parked aggregates, holding the leases of the feeding subscriptions.
  /// Returns false if another process holds one.
  private func removeAll(of subscription: Name) async throws -> Bool {
    var leases: [Lease] = []
    for partition in 0..<store.partitions {
      guard let lease = try await hold("\(subscription)/\(partition)") else { return false }
      leases.append(lease)
    }
    while try await store.removeRecords(of: subscription, limit: Self.removedAtOnce) > 0 {
      for lease in leases { try await store.renew(lease, for: Self.removalLease) }
    }
    while case let parked = try await store.parked(by: subscription, after: nil, limit: 1000),
      !parked.isEmpty
    {
      for aggregate in parked {
        try await store.unpark(subscription, root: aggregate.root, at: aggregate.firstSequence)
      }
    }
    for lease in leases { try await store.release(lease) }
    return true
  }

  private static let removalLease = Duration.seconds(30)
  /// Kept small: writes of others wait for one batch.
  private static let removedAtOnce = 100

  private func hold(_ lease: Name) async throws(StorageError) -> Lease? {
    try await store.acquire(lease, owner: owner, duration: Self.removalLease)
  }
}

extension ProjectionGenerations {
  /// Nil for a generation that is not fed.
  fileprivate func feed(of generation: Generation) -> GenerationFeeder.Feed? {
    guard fed.contains(generation) else { return nil }
    return GenerationFeeder.Feed(
      generation: generation, isLive: generation == live,
      throttle: generation == candidate ? throttle : nil)
  }
}
