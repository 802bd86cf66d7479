import EventModel
import Timing

/// Rebuilds one projector's projections of one domain, beside the live ones.
public struct Rebuild: Sendable {
  private let projector: Name
  private let store: any ConsumerStore
  private let live: LiveGenerations
  private let readYourWrites: ReadYourWrites
  private let registry: GenerationRegistry
  private let environment: Environment

  public init(
    of projector: Name, store: any ConsumerStore, live: LiveGenerations,
    readYourWrites: ReadYourWrites, environment: Environment = .live
  ) {
    self.projector = projector
    self.store = store
    self.live = live
    self.readYourWrites = readYourWrites
    self.environment = environment
    registry = GenerationRegistry(store, environment: environment)
  }

  /// Begins to build a generation from the log's start.
  ///
  /// Throws `.precondition` if one is being built.
  ///
  /// - Parameter throttle: events a second at most; nil: as many as the logic takes.
  public func begin(throttle: Int?) async throws {
    try await change { generations throws(EventSourcingError) in
      try generations.begin(throttle: throttle)
    }
  }

  /// Waits until the candidate has handled every event up to the log's current end, and makes it
  /// live, in one write.
  ///
  /// Throws `.precondition` if there is no candidate, or if it parked an aggregate that the live
  /// generation did not park; `.timedOut` if it did not catch up in time.
  ///
  /// - Parameter evenIfParked: switch although it parked aggregates.
  public func switchOver(evenIfParked: Bool, until deadline: ContinuousClock.Instant) async throws {
    let candidate = try await candidate()
    let subscription = candidate.subscription(of: projector)
    for partition in 0..<store.partitions {
      try await readYourWrites.wait(
        for: subscription, in: store,
        toHandle: try await store.head(ofPartition: partition), until: deadline)
    }
    if !evenIfParked, let parked = try await onlyParked(by: subscription) {
      throw EventSourcingError(
        .precondition,
        "generation \(candidate) of projector \(projector) parked \(store.domain)/\(parked.root) "
          + "at event \(parked.firstSequence): \(parked.reason). Mend the logic and retry the "
          + "aggregate as one of subscription \(subscription), or switch in spite of it")
    }
    try await change { generations throws(EventSourcingError) in
      guard generations.candidate == candidate else {
        throw EventSourcingError(
          .conflict, "generation \(candidate) of projector \(projector) was dropped or switched to")
      }
      try generations.switchToCandidate()
    }
  }

  /// Makes the previous generation live again, in one write.
  ///
  /// Throws `.precondition` if there is none.
  public func rollBack() async throws {
    try await change { generations throws(EventSourcingError) in try generations.rollBack() }
  }

  /// Drops a generation that queries do not read.
  ///
  /// - Parameter generation: nil: the candidate, or the previous one if there is no candidate.
  public func drop(_ generation: Generation?) async throws {
    try await change { generations throws(EventSourcingError) in
      guard let dropped = generation ?? generations.candidate ?? generations.previous else {
        throw EventSourcingError(
          .precondition, "projector \(projector) has one generation only, which queries read")
      }
      try generations.drop(dropped)
    }
  }

  /// Compares the candidate's projections with the live ones. Throws `.precondition` if there is
  /// no candidate.
  ///
  /// - Parameters:
  ///   - gate: bounds concurrent reads among all comparisons that share it.
  ///   - hold: called with the bytes held in memory from now on, negative if released. May end the
  ///     comparison by throwing.
  ///   - progress: gets the number of equal aggregates from time to time.
  /// - Returns: the first aggregate that differs.
  public func compare(
    gate: ConcurrencyLimit = ConcurrencyLimit(1),
    hold: @escaping @Sendable (Int) async throws -> Void = { _ in },
    progress: (Int) async throws -> Void
  ) async throws -> GenerationDifference? {
    let candidate = try await candidate()
    let live = try await registry.find(projector).live
    let comparison = GenerationComparison(
      store: store, environment: environment, gate: gate, hold: hold)
    return try await comparison.difference(
      between: live.subscription(of: projector), and: candidate.subscription(of: projector),
      progress: progress)
  }

  // MARK: Status

  public func status() async throws -> RebuildStatus {
    let generations = try await registry.find(projector)
    var heads: [Position] = []
    for partition in 0..<store.partitions {
      heads.append(try await store.head(ofPartition: partition))
    }
    var fed: [RebuildStatus.Fed] = []
    for generation in generations.fed { fed.append(try await look(at: generation)) }
    return RebuildStatus(generations: generations, heads: heads, fed: fed)
  }

  private func look(at generation: Generation) async throws -> RebuildStatus.Fed {
    let subscription = generation.subscription(of: projector)
    var checkpoints: [Position] = []
    for partition in 0..<store.partitions {
      checkpoints.append(try await store.checkpoint(of: subscription, partition: partition))
    }
    let parked = try await store.parked(
      by: subscription, after: nil, limit: RebuildStatus.parkedMax)
    return RebuildStatus.Fed(
      generation: generation, checkpoints: checkpoints, parked: parked.count)
  }

  private func candidate() async throws -> Generation {
    guard let candidate = try await registry.find(projector).candidate else {
      throw EventSourcingError(
        .precondition, "projector \(projector) has no generation to switch to: rebuild it first")
    }
    return candidate
  }

  /// An aggregate that the candidate parked and the live generation did not.
  private func onlyParked(by candidate: Name) async throws -> ParkedAggregate? {
    let live = try await registry.find(projector).live.subscription(of: projector)
    var last: Root?
    while true {
      let page = try await store.parked(by: candidate, after: last, limit: 100)
      for parked in page where try await store.parked(by: live, root: parked.root) == nil {
        return parked
      }
      guard let end = page.last?.root else { return nil }
      last = end
    }
  }

  private func change(
    _ body: (inout ProjectionGenerations) throws(EventSourcingError) -> Void
  ) async throws {
    let changed = try await registry.change(projector) { generations in try body(&generations) }
    live.note(changed.live, of: projector, in: store.domain)
  }
}

/// The progress of the generations of one projector's projections.
public struct RebuildStatus: Equatable, Sendable {
  /// Counting stops at this number of parked aggregates.
  public static let parkedMax = 1000

  public struct Fed: Equatable, Sendable {
    public var generation: Generation
    /// By partition.
    public var checkpoints: [Position]
    public var parked: Int
  }

  public var generations: ProjectionGenerations
  /// The ends of the log, by partition.
  public var heads: [Position]
  /// The live generation first.
  public var fed: [Fed]
}
