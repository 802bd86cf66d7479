import EventModel
import Synchronization

/// Feeds one partition of a domain's log to a consumer, from its checkpoint on, for ever.
///
/// For each aggregate in order, one book at a time; different aggregates beside each other. An
/// aggregate whose events are refused is parked, and all others flow on. At least once into the
/// consumer, which drops what it has handled. One process at a time is active, by a lease.
public final class Subscription: Sendable {
  private let consumer: any BookConsumer
  private let store: any DomainStore
  private let partition: UInt32
  private let owner: String
  private let settings: SubscriptionSettings
  private let environment: Environment
  private let mark: LowWaterMark
  private let observe: @Sendable (SubscriptionEvent) -> Void

  /// - Parameters:
  ///   - owner: this process's name, for the lease.
  ///   - mark: says at once how far it has come, for those in this process who wait for it.
  ///   - observe: hears what happens; called from any task, must not block.
  public init(
    consumer: any BookConsumer, store: any DomainStore, partition: UInt32 = 0, owner: String,
    settings: SubscriptionSettings = SubscriptionSettings(), environment: Environment = .live,
    mark: LowWaterMark = LowWaterMark(),
    observe: @escaping @Sendable (SubscriptionEvent) -> Void = { _ in }
  ) {
    self.consumer = consumer
    self.store = store
    self.partition = partition
    self.owner = owner
    self.settings = settings
    self.environment = environment
    self.mark = mark
    self.observe = observe
  }

  private var leaseName: String { "\(consumer.name)/\(partition)" }

  /// Runs until the task is cancelled. Failures of the store are waited out.
  public func run() async {
    var backoff = Backoff(from: settings.retryDelayMin, upTo: settings.retryDelayMax)
    var isStandingBy = false
    while !Task.isCancelled {
      do {
        let lease = try await store.acquire(
          leaseName, owner: owner, duration: settings.leaseDuration)
        guard let lease else {
          if !isStandingBy { observe(.standingBy) }
          isStandingBy = true
          try await environment.sleep(settings.leaseDuration / 4)
          continue
        }
        isStandingBy = false
        backoff.reset()
        try await deliver(holding: lease)
      } catch let error as StorageError where error.code == .fenced {
        observe(.leaseLost)
      } catch let error as StorageError {
        observe(.storeUnavailable(error))
        try? await environment.sleep(backoff.next(random: environment.random()))
      } catch { return }  // cancelled
    }
  }

  /// Delivers until the task is cancelled, the lease is lost or the store fails.
  private func deliver(holding lease: Lease) async throws {
    let checkpoint = try await store.checkpoint(of: consumer.name, partition: partition)
    let parked = Set(try await store.parked(by: consumer.name).map(\.root))
    observe(.started(checkpoint))
    mark.raise(to: checkpoint.number)
    let run = SubscriptionRun(checkpoint: checkpoint.number, parked: parked)
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await self.renew(lease) }
        group.addTask { try await self.saveCheckpoints(of: run, holding: lease) }
        group.addTask { try await self.readLog(into: run) }
        defer { group.cancelAll() }
        try await group.next()
      }
    } catch {
      await leave(lease, at: run.lowWaterMark)
      throw error
    }
  }

  private func renew(_ lease: Lease) async throws {
    while true {
      try await environment.sleep(settings.leaseDuration / 3)
      let renewed = try await store.acquire(
        lease.name, owner: lease.owner, duration: settings.leaseDuration)
      guard renewed?.token == lease.token else {
        throw StorageError(.fenced, "the lease \(lease.name) was lost")
      }
    }
  }

  private func saveCheckpoints(of run: SubscriptionRun, holding lease: Lease) async throws {
    var saved = run.lowWaterMark
    while true {
      await mark.wait(for: saved + 1)
      // At once where nothing is under way, since somebody may wait to see it from another process.
      if !run.isIdle { try await environment.sleep(settings.checkpointInterval) }
      let reached = run.lowWaterMark
      if reached > saved { try await advance(to: reached, holding: lease) }
      saved = reached
      try await environment.sleep(settings.checkpointInterval / 5)
    }
  }

  private func advance(to mark: UInt64, holding lease: Lease) async throws(StorageError) {
    try await store.advance(
      consumer.name, to: Position(partition: partition, number: mark), holding: lease)
  }

  /// On the way out the checkpoint is saved and the lease given back, so that the next process
  /// starts at once and repeats little. Where that fails, the lease runs out by itself.
  private func leave(_ lease: Lease, at mark: UInt64) async {
    await Task { [store] in
      try? await advance(to: mark, holding: lease)
      try? await store.release(lease)
    }.value
  }
}

// MARK: - Reading and delivering

extension Subscription {
  private func readLog(into run: SubscriptionRun) async throws {
    try await withThrowingDiscardingTaskGroup { group in
      var position = Position(partition: partition, number: run.lowWaterMark)
      while !Task.isCancelled {
        try await run.waitForRoom(settings.windowMax)
        let limit = ReadLimit(commits: settings.windowMax, bytes: 4 << 20)
        let commits = try await store.log(after: position, limit: limit)
        if commits.isEmpty { await store.waitForLog(after: position) }
        for commit in commits {
          position = commit.position
          if run.admit(commit) {
            group.addTask { try await self.drain(commit.commit.cover.root, of: run) }
          }
        }
      }
      try Task.checkCancellation()
    }
  }

  /// Delivers what waits for one aggregate until nothing does.
  private func drain(_ root: Root, of run: SubscriptionRun) async throws {
    while let commits = run.due(for: root, bytesMax: settings.bookBytesMax) {
      if run.isParked(root) {
        // A person may have taken it out since. Asked after the commit was seen in the log, so that
        // a retry which comes later reads this commit from the store.
        if try await store.parked(by: consumer.name).contains(where: { $0.root == root }) {
          finish(commits, of: run)
          continue
        }
        run.unpark(root)
      }
      if try await deliver(commits) == .parked { run.park(root) }
      finish(commits, of: run)
    }
  }

  private func finish(_ commits: [RecordedCommit], of run: SubscriptionRun) {
    run.finish(commits)
    mark.raise(to: run.lowWaterMark)
  }

  private enum Delivered { case handled, parked }

  /// Delivers until it is handled or the aggregate is parked. Throws `StorageError`, or
  /// `CancellationError`.
  private func deliver(_ commits: [RecordedCommit]) async throws -> Delivered {
    let cover = commits[0].commit.cover
    var backoff = Backoff(from: settings.retryDelayMin, upTo: settings.retryDelayMax)
    var tries = 0
    var hasFailed = false
    while true {
      do {
        for book in tries == 0 ? [EventBook(joining: commits)] : EventBook.singles(of: commits) {
          try await consumer.consume(
            book, deadline: environment.instant() + settings.deliveryTimeout)
        }
        if hasFailed { observe(.recovered(cover)) }
        return .handled
      } catch {
        try Task.checkCancellation()
        let failure = DeliveryFailure(error)
        if !failure.isTemporary { tries += 1 }
        if tries >= settings.triesMax {
          try await park(cover, failure, tries: tries)
          return .parked
        }
        if !hasFailed || !failure.isTemporary {
          observe(.retrying(cover, commits[0].commit.pages.first, failure, tries: tries))
        }
        hasFailed = true
        try await environment.sleep(backoff.next(random: environment.random()))
      }
    }
  }

  private func park(_ cover: Cover, _ failure: DeliveryFailure, tries: Int) async throws {
    let first = try await consumer.next(of: cover.root)
    try await store.park(
      ParkedAggregate(
        subscription: consumer.name, root: cover.root, firstSequence: first,
        reason: failure.message, statusCode: failure.statusCode, tries: tries,
        parkedAt: environment.now()))
    observe(.parked(cover, first, failure))
  }
}

extension EventBook {
  /// One book of an aggregate's consecutive commits.
  fileprivate init(joining commits: [RecordedCommit]) {
    self.init(commits[0].commit)
    for commit in commits.dropFirst() { pages.append(commit.commit.pages) }
  }

  /// A book for each page, so that only the one that is refused is held back.
  fileprivate static func singles(of commits: [RecordedCommit]) -> [EventBook] {
    commits.flatMap { recorded in
      recorded.commit.pages.split(bySize: 0).map { page in
        var book = EventBook(recorded.commit)
        book.pages = page
        return book
      }
    }
  }
}
