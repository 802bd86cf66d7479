import EventModel
import Synchronization
import Timing

/// Publishes one partition of a domain's log to a message channel, in log order and in batches,
/// without end.
///
/// The checkpoint moves only over commits that the broker confirmed, so nothing is lost; commits
/// published beyond the checkpoint are published again after a crash. One process at a time is
/// active, by a lease that also fences the checkpoint. A commit that the broker rejects blocks
/// those behind it, so an aggregate's events never overtake each other.
public final class Relay: Sendable {
  private let channel: any MessageChannel
  private let store: any EventHistory & CheckpointStore & LeaseStore
  private let partition: UInt32
  private let settings: RelaySettings
  private let environment: Environment
  private let leadership: Leadership
  private let observe: @Sendable (SubscriptionEvent) -> Void
  /// The failure that was last reported; nil while the channel works.
  private let failure = Mutex<ChannelError.Code?>(nil)

  /// - Parameters:
  ///   - owner: this process's name, for the lease.
  ///   - observe: gets events; called from any task, must not block.
  public init(
    to channel: any MessageChannel, store: any EventHistory & CheckpointStore & LeaseStore,
    partition: UInt32 = 0, owner: Name, settings: RelaySettings = RelaySettings(),
    environment: Environment = .live,
    observe: @escaping @Sendable (SubscriptionEvent) -> Void = { _ in }
  ) {
    self.channel = channel
    self.store = store
    self.partition = partition
    self.settings = settings
    self.environment = environment
    self.observe = observe
    leadership = Leadership(
      lease: "\(Self.subscription(to: channel))/\(partition)", owner: owner, leases: store,
      duration: settings.leaseDuration,
      retryDelay: (settings.retryDelayMin, settings.retryDelayMax), environment: environment)
  }

  /// The name of the relay's checkpoint. No projector can have it.
  public static func subscription(to channel: any MessageChannel) -> Name {
    "$relay/\(channel.name)"
  }

  private var subscription: Name { Self.subscription(to: channel) }

  /// Runs until cancelled. Retries while store or broker fail.
  public func run() async {
    await leadership.run { event in
      switch event {
      case .standingBy, .leaseLost:
        // The active process reports failures that continue.
        failure.withLock { $0 = nil }
        if case .standingBy = event { observe(.standingBy) } else { observe(.leaseLost) }
      case .failed(let error as ChannelError): failed(error)
      case .failed(let error): observe(.storeUnavailable(StorageError(wrapping: error)))
      }
    } _: { lease in
      try await relay(holding: lease)
    }
  }

  /// Publishes until cancelled, or until the lease is lost, the store fails, or the broker
  /// confirms nothing for `patience`.
  private func relay(holding lease: Lease) async throws {
    let checkpoint = try await store.checkpoint(of: subscription, partition: partition)
    observe(.started(checkpoint, lease))
    let run = WatchedWindow(
      RelayWindow(
        checkpoint: checkpoint.number, sizeMax: settings.windowMax,
        bytesMax: settings.windowBytesMax))
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await self.leadership.keep(lease) }
        group.addTask { try await self.saveCheckpoints(of: run, holding: lease) }
        group.addTask { try await self.publish(run) }
        defer { group.cancelAll() }
        try await group.next()
      }
    } catch {
      await store.leave(
        lease, of: subscription,
        at: Position(partition: partition, number: run.look(\.confirmed)))
      // Let a standby process take over.
      if error is ChannelError { try await environment.sleep(settings.leaseDuration) }
      throw error
    }
  }

  /// Publishes in one broker session after another. Throws if the broker confirms nothing for
  /// `patience`: another process may reach it.
  private func publish(_ run: WatchedWindow) async throws {
    var backoff = Backoff(from: settings.retryDelayMin, upTo: settings.retryDelayMax)
    var confirmed = run.look(\.confirmed)
    var failingSince: ContinuousClock.Instant?
    while true {
      do {
        run.change { $0.restart() }
        try await session(run)
      } catch let error as ChannelError {
        try Task.checkCancellation()
        let now = environment.instant()
        if run.look(\.confirmed) > confirmed {
          failingSince = nil
          backoff.reset()
        }
        confirmed = run.look(\.confirmed)
        if now - (failingSince ?? now) > settings.patience { throw error }
        failed(error)
        failingSince = failingSince ?? now
        try await environment.sleep(backoff.next(random: environment.random()))
      }
    }
  }

  /// Publishes until the broker or the connection fails.
  private func session(_ run: WatchedWindow) async throws {
    let publisher = try await channel.publisher(
      of: store.domain, partition: partition, window: settings.windowMax
    ) { [self] reason in
      if let reason { failed(ChannelError(.unavailable, reason)) } else { recovered() }
    }
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await self.readLog(into: publisher, run) }
        group.addTask {
          while true {
            let number = try await publisher.confirmation(after: run.look(\.confirmed))
            run.change { $0.confirm(upTo: number) }
            self.recovered()
          }
        }
        defer { group.cancelAll() }
        try await group.next()
      }
    } catch {
      await publisher.close()
      throw error
    }
  }

  /// Reports a failure once, until the code changes or the channel recovers.
  private func failed(_ error: ChannelError) {
    let isNews = failure.withLock { failure in
      defer { failure = error.code }
      return failure != error.code
    }
    if isNews { observe(.channelFailed(error)) }
  }

  private func recovered() {
    let wasFailing = failure.withLock { failure in
      defer { failure = nil }
      return failure != nil
    }
    if wasFailing { observe(.channelRecovered) }
  }

  private func readLog(into publisher: any ChannelPublisher, _ run: WatchedWindow) async throws {
    var position = Position(partition: partition, number: run.look(\.confirmed))
    while true {
      try await run.wait(until: { $0.room > 0 })
      let limit = ReadLimit(
        count: min(run.look(\.room), settings.batchMax), bytes: settings.batchBytesMax)
      let commits: [RecordedCommit]
      do throws(StorageError) {
        commits = try await store.log(after: position, limit: limit)
      } catch {
        guard let place = error.damage?.position else { throw error }
        observe(.passedOver(error))
        position = place
        continue
      }
      guard let last = commits.last else {
        // The broker let this session begin, and there is nothing that it could confirm.
        if run.look(\.confirmed) >= position.number { recovered() }
        await store.waitForLog(after: position)
        try Task.checkCancellation()
        continue
      }
      run.change { window in
        for commit in commits { window.published(commit.position.number, bytes: commit.byteCount) }
      }
      try await publisher.publish(commits)
      position = last.position
    }
  }

  /// Saves the checkpoint at once if it blocks publishing, else at intervals: each write costs
  /// the store a flush.
  private func saveCheckpoints(of run: WatchedWindow, holding lease: Lease) async throws {
    while true {
      try await run.wait(until: { $0.confirmed > $0.saved })
      await within(settings.checkpointInterval, sleep: environment.sleep) {
        try? await run.wait(until: \.isPressing)
      }
      try Task.checkCancellation()
      try await save(run, holding: lease)
    }
  }

  private func save(_ run: WatchedWindow, holding lease: Lease) async throws(StorageError) {
    let confirmed = run.look(\.confirmed)
    guard confirmed > run.look(\.saved) else { return }
    try await store.advance(
      subscription, to: Position(partition: partition, number: confirmed), holding: lease)
    run.change { $0.save(upTo: confirmed) }
  }
}

/// A relay's window, shared by its tasks.
private typealias WatchedWindow = Watched<RelayWindow>

extension WatchedWindow {
  /// Waits until the condition holds. Throws `CancellationError`.
  fileprivate func wait(until condition: (RelayWindow) -> Bool) async throws {
    let found: Void? = await wait { condition($0) ? () : nil }
    if found == nil { throw CancellationError() }
  }
}

/// The bounds and intervals of a relay.
public struct RelaySettings: Sendable, Equatable {
  /// Commits published beyond the checkpoint: a crash repeats no more than these.
  public var windowMax = 4096
  /// Their bytes in memory, exceeded by at most one batch.
  public var windowBytesMax = 32 << 20
  /// Commits read at a time.
  public var batchMax = 256
  public var batchBytesMax = 4 << 20
  /// Interval between checkpoint writes, unless the checkpoint blocks publishing.
  public var checkpointInterval = Duration.milliseconds(100)
  /// Time a lease lasts without renewal, so the longest gap after a relay crashes.
  public var leaseDuration = Duration.milliseconds(1500)
  /// Time the lease is kept while the broker confirms nothing.
  public var patience = Duration.seconds(30)
  /// Back-off while store or broker are unavailable.
  public var retryDelayMin = Duration.milliseconds(50)
  public var retryDelayMax = Duration.seconds(1)

  public init() {}
}
