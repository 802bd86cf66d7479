import EventModel
import Timing

/// A partition's log read from a message channel, for a subscription without access to the event
/// store.
///
/// The channel is fast, and the log is the source of truth: positions show which commits the
/// channel missed, and those are read from the log through `history`. So a deleted queue, an
/// unordered topic or an unavailable broker costs time, and never an event. A delivery is
/// acknowledged once its commit is handled durably, or once the subscription's checkpoint covers
/// it.
public final class ChannelLog: LogSource {
  private struct State {
    var inbox: ChannelInbox?
    var consumer: (any ChannelConsumer<RecordedCommit>)?
    var pump: Task<Void, Never>?
    /// Deliveries arrived since the reader last looked.
    var hasNews = false
    /// The log had commits that the channel missed, and may have more.
    var isBehind = false
  }

  private let channel: any MessageChannel
  private let history: any EventHistory
  private let subscription: Name
  private let partition: UInt32
  private let settings: ChannelLogSettings
  private let environment: Environment
  private let observe: @Sendable (SubscriptionEvent) -> Void
  private let state = Watched(State())

  /// - Parameters:
  ///   - history: the log, for commits that the channel misses.
  ///   - observe: gets the channel's failures.
  public init(
    of channel: any MessageChannel, history: any EventHistory, for subscription: Name,
    partition: UInt32 = 0, settings: ChannelLogSettings = ChannelLogSettings(),
    environment: Environment = .live,
    observe: @escaping @Sendable (SubscriptionEvent) -> Void = { _ in }
  ) {
    self.channel = channel
    self.history = history
    self.subscription = subscription
    self.partition = partition
    self.settings = settings
    self.environment = environment
    self.observe = observe
  }

  public func commits(
    after position: Position, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    begin(after: position)
    var silence = Backoff(
      from: settings.silenceMin, upTo: settings.silenceMax, spread: 1...1)
    var hasWaited = false
    while !Task.isCancelled {
      switch state.look({ $0.inbox?.next(limit: limit) }) {
      case .commits(let commits)?: return commits
      case .gap(let first)?:
        if !hasWaited, channel.disorder > .zero {
          hasWaited = true
          if await arrival(within: channel.disorder) { continue }
        }
        let commits = try await missing(after: position, before: first, limit)
        if !commits.isEmpty { return commits }
      case .empty?:
        // Either nothing is new, or the relay or the broker is down: only the log can tell.
        if !state.look(\.isBehind), await arrival(within: silence.next(random: 0)) { continue }
        let commits = (try? await history.log(after: position, limit: limit)) ?? []
        state.look { state in
          state.inbox?.handOn(commits)
          state.isBehind = !commits.isEmpty
        }
        if !commits.isEmpty { return commits }
      case nil: return []
      }
    }
    return []
  }

  /// Reads the log's commits between two positions. Empty if there are none, which is then
  /// recorded, or if the log does not reach the gap's end yet.
  private func missing(
    after position: Position, before first: UInt64, _ limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    // Also request the commit behind the gap: it proves that nothing else precedes it.
    let gap = ReadLimit(
      count: min(limit.count, Int(clamping: first - position.number)), bytes: limit.bytes)
    let read = try await history.log(after: position, limit: gap)
    let missing = Array(read.prefix { $0.position.number < first })
    state.look { state in
      state.inbox?.handOn(missing)
      if missing.isEmpty, !read.isEmpty { state.inbox?.settle(before: first) }
    }
    if read.isEmpty { try? await environment.sleep(settings.gapRetryDelay) }
    return missing
  }

  public func release(_ root: Root, upTo position: Position) {
    let (tags, consumer) = state.look { state in
      (state.inbox?.release(root, upTo: position.number) ?? [], state.consumer)
    }
    if !tags.isEmpty { consumer?.acknowledge(tags) }
  }

  public func end() async {
    let pump = state.change { state in
      defer { state = State() }
      return state.pump
    }
    pump?.cancel()
    await pump?.value
  }

  // MARK: Receiving

  private func begin(after position: Position) {
    state.look { state in
      guard state.pump == nil else { return }
      state.inbox = ChannelInbox(after: position.number)
      state.pump = Task(executorPreference: LooseTasks.executor) { await self.pump() }
    }
  }

  /// Receives from one consumer after another, until cancelled.
  private func pump() async {
    let sessions = ConsumerSessions(
      retryDelay: settings.retryDelayMin...settings.retryDelayMax,
      countInterval: settings.letterCountInterval, environment: environment, observe: observe)
    let letters = try? channel.deadLetters(
      of: history.domain, partition: partition, for: subscription)
    await sessions.run(countingIn: letters) {
      try await channel.consumer(
        of: history.domain, partition: partition, for: subscription, window: settings.windowMax)
    } consume: { consumer in
      try await consume(consumer)
    }
  }

  private func consume(_ consumer: any ChannelConsumer<RecordedCommit>) async throws {
    state.look { state in
      state.consumer = consumer
      state.inbox?.forgetTags()
    }
    while !Task.isCancelled {
      let deliveries = try await consumer.deliveries()
      var repeats: [UInt64] = []
      for delivery in deliveries {
        switch checked(delivery) {
        case .message(let commit):
          let isRepeat = state.look { state in
            state.inbox?.receive(commit, tag: delivery.tag) ?? false
          }
          if isRepeat { repeats.append(delivery.tag) }
        case .malformed(let reason):
          observe(.setAside(reason))
          try await consumer.setAside(delivery, as: LetterStamp(reason, environment))
        }
      }
      if !repeats.isEmpty { consumer.acknowledge(repeats) }
      state.change { $0.hasNews = true }
    }
  }

  /// Rejects commits of another domain or partition.
  private func checked(_ delivery: CommitDelivery) -> CommitDelivery.Content {
    guard case .message(let recorded) = delivery.content else { return delivery.content }
    let domain = recorded.commit.cover.domain
    guard domain == history.domain, recorded.position.partition == partition else {
      return .malformed(
        "events of domain \(domain), partition \(recorded.position.partition): this queue is for "
          + "\(history.domain), partition \(partition)")
    }
    return delivery.content
  }

  // MARK: Waiting

  /// Waits for a delivery. Returns false on timeout.
  private func arrival(within patience: Duration) async -> Bool {
    await within(patience, sleep: environment.sleep) { [state] in
      _ = await state.wait { $0.hasNews ? () : nil }
    }
    return state.look { state in
      defer { state.hasNews = false }
      return state.hasNews
    }
  }
}

/// The bounds and intervals of a subscription that a channel feeds.
public struct ChannelLogSettings: Sendable, Equatable {
  /// Unacknowledged deliveries at a time.
  public var windowMax = 1024
  /// Silence of the channel before the log is read; grows each time.
  public var silenceMin = Duration.seconds(1)
  public var silenceMax = Duration.seconds(5)
  /// Pause before the log is read again for a gap that it does not show yet.
  public var gapRetryDelay = Duration.milliseconds(100)
  /// Back-off while the broker is unavailable.
  public var retryDelayMin = Duration.milliseconds(50)
  public var retryDelayMax = Duration.seconds(1)
  /// Interval between counts of dead letters.
  public var letterCountInterval = Duration.seconds(30)

  public init() {}
}
