import EventModel
import Synchronization
import Timing

/// Feeds one partition of a domain's log to a consumer, from its checkpoint on, for ever.
///
/// For each aggregate in order, one book at a time; different aggregates beside each other. An
/// aggregate whose events are refused is parked, and all others flow on. At least once into the
/// consumer, which drops what it has handled. One process at a time is active, by a lease; one that
/// has lost it unawares does no harm: its checkpoints are fenced, the consumer's records take each
/// event once, and what it parks is not in force once another has come further.
public final class Subscription: Sendable {
  let consumer: any BookConsumer
  let store: any ConsumerStore
  let source: any LogSource
  let partition: UInt32
  private let owner: Name
  let settings: SubscriptionSettings
  let pace: Pace?
  let environment: Environment
  let mark: LowWaterMark
  private let companion: (@Sendable () async throws -> Void)?
  let observe: @Sendable (SubscriptionEvent) -> Void

  /// - Parameters:
  ///   - source: where commits come from; nil: from the store's log.
  ///   - throttle: events a second at most; nil: as many as the consumer takes.
  ///   - owner: this process's name, for the lease.
  ///   - mark: says at once how far it has come, for those in this process who wait for it.
  ///   - companion: work that is done beside it, in the process whose subscription is active. It
  ///     ends by throwing only.
  ///   - observe: hears what happens; called from any task, must not block.
  public init(
    consumer: any BookConsumer, store: any ConsumerStore, from source: (any LogSource)? = nil,
    throttle: Int? = nil, partition: UInt32 = 0, owner: Name,
    settings: SubscriptionSettings = SubscriptionSettings(), environment: Environment = .live,
    mark: LowWaterMark = LowWaterMark(),
    companion: (@Sendable () async throws -> Void)? = nil,
    observe: @escaping @Sendable (SubscriptionEvent) -> Void = { _ in }
  ) {
    self.consumer = consumer
    self.store = store
    self.source = source ?? StoredLog(history: store)
    pace = throttle.map { Pace(eventsPerSecond: $0, environment: environment) }
    self.partition = partition
    self.owner = owner
    self.settings = settings
    self.environment = environment
    self.mark = mark
    self.companion = companion
    self.observe = observe
  }

  /// Runs until the task is cancelled. Failures of the store are waited out.
  public func run() async {
    await leadership.run { event in
      switch event {
      case .standingBy: observe(.standingBy)
      case .leaseLost: observe(.leaseLost)
      case .failed(let error): observe(.storeUnavailable(StorageError(wrapping: error)))
      }
    } _: { lease in
      try await deliver(holding: lease)
    }
  }

  /// Throws `.fenced` where the lease is another's.
  func confirm(_ lease: Lease) async throws(StorageError) { try await leadership.confirm(lease) }

  private var leadership: Leadership {
    Leadership(
      lease: "\(consumer.name)/\(partition)", owner: owner, leases: store,
      duration: settings.leaseDuration,
      retryDelay: (settings.retryDelayMin, settings.awayDelayMax), environment: environment)
  }

  /// Delivers until the task is cancelled, the lease is lost, or the store fails in what concerns
  /// more than one aggregate.
  private func deliver(holding lease: Lease) async throws {
    let checkpoint = try await store.checkpoint(of: consumer.name, partition: partition)
    observe(.started(checkpoint, lease))
    mark.raise(to: checkpoint.number)
    consumer.begin()
    let run = SubscriptionRun(
      checkpoint: checkpoint.number, handledEnd: try await handledEnd(), holding: lease, settings)
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await self.leadership.keep(lease) }
        group.addTask { try await self.saveCheckpoints(of: run, holding: lease) }
        group.addTask { try await self.readLog(into: run) }
        if settings.parkedRetryInterval > .zero, partition == 0 {
          group.addTask { try await self.retryParked(of: run) }
        }
        if let companion { group.addTask { try await companion() } }
        defer { group.cancelAll() }
        try await group.next()
      }
    } catch {
      await source.end()
      await consumer.end()
      await store.leave(lease, of: consumer.name, at: position(run.lowWaterMark))
      throw error
    }
  }

  /// The position up to which commits may have been handled before.
  private func handledEnd() async throws(StorageError) -> UInt64 {
    let some = try await store.records(of: consumer.name, after: nil, limit: ReadLimit(count: 1))
    return some.isEmpty ? 0 : try await store.head(ofPartition: partition).number
  }

  private func saveCheckpoints(of run: SubscriptionRun, holding lease: Lease) async throws {
    var saved = run.lowWaterMark
    while true {
      await mark.wait(for: saved + 1)
      // At once where nothing is under way, since somebody may wait to see it from another process.
      if !run.isIdle { try await environment.sleep(settings.checkpointInterval) }
      let reached = run.lowWaterMark
      try await consumer.save()
      if reached > saved { try await advance(to: reached, holding: lease) }
      saved = reached
      try await environment.sleep(settings.checkpointInterval / 5)
    }
  }

  private func advance(to mark: UInt64, holding lease: Lease) async throws(StorageError) {
    try await store.advance(consumer.name, to: position(mark), holding: lease)
  }

  private func position(_ number: UInt64) -> Position {
    Position(partition: partition, number: number)
  }

  /// Each aggregate is delivered by a task of its own, which never fails: a failure would cancel
  /// the others, but not this reader.
  private func readLog(into run: SubscriptionRun) async throws {
    try await learnParked(for: run)
    try await withThrowingDiscardingTaskGroup { group in
      var position = position(run.lowWaterMark)
      while true {
        try await run.waitForRoom()
        let limit = ReadLimit(count: min(settings.windowMax, 1024), bytes: 1 << 20)
        let commits: [RecordedCommit]
        do throws(StorageError) {
          commits = try await source.commits(after: position, limit: limit)
        } catch {
          guard let place = error.damage?.position else { throw error }
          try await passOver(error, of: run)
          position = place
          continue
        }
        for commit in commits {
          position = commit.position
          if run.admit(commit) {
            group.addTask { await self.drain(commit.commit.cover, of: run) }
          }
        }
      }
    }
  }

  private func learnParked(for run: SubscriptionRun) async throws {
    var last: Root?
    repeat {
      let page = try await store.parked(by: consumer.name, after: last, limit: 1000)
      for aggregate in page { run.noteParked(aggregate.root) }
      last = page.last?.root
    } while last != nil
  }

  /// Tries everything that is parked from time to time, one aggregate after the other.
  private func retryParked(of run: SubscriptionRun) async throws {
    let retry = ParkedRetry(
      store: store, consumer: consumer, settings: settings, environment: environment)
    while true {
      try await environment.sleep(settings.parkedRetryInterval)
      do { try await retryAll(by: retry, of: run) } catch let error as StorageError {
        observe(.storeUnavailable(error))
      }
    }
  }

  private func retryAll(by retry: ParkedRetry, of run: SubscriptionRun) async throws {
    var last: Root?
    repeat {
      let page = try await store.parked(by: consumer.name, after: last, limit: 100)
      for parked in page {
        try Task.checkCancellation()
        if run.withCircuit(\.isOpen) { return }
        switch try await retry.run(parked) {
        case .caughtUp: observe(.unparked(Cover(domain: store.domain, root: parked.root)))
        case .refused: break
        case .interrupted: return
        }
      }
      last = page.last?.root
    } while last != nil
  }

  /// A commit that cannot be read stops its own aggregate and no other. Where not even the
  /// aggregate can be read, its next commit shows the gap.
  private func passOver(_ error: StorageError, of run: SubscriptionRun) async throws {
    observe(.passedOver(error))
    guard let damage = error.damage, let root = damage.root else { return }
    let cover = Cover(domain: damage.domain, root: root)
    try await park(cover, DeliveryFailure(error), tries: 0, of: run)
  }
}
