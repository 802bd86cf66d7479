import EventModel
import Timing

/// A partition's log as a message channel brings it, for a subscription that has no access to the
/// event store.
///
/// The channel is a fast way, and the log is the truth: positions show what the channel did not
/// bring, and that is read from the log through `history`. So a deleted queue, an unordered topic
/// or a broker that is away cost time, and never an event. A delivery is acknowledged when its
/// commit is handled durably, or when the subscription's checkpoint keeps its place.
public final class ChannelLog: LogSource {
  private struct State {
    var inbox: ChannelInbox?
    var consumer: (any ChannelConsumer<RecordedCommit>)?
    var pump: Task<Void, Never>?
    /// Something came since the reader looked.
    var hasNews = false
    /// The log had something that the channel did not bring, and may have more.
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
  ///   - history: the log, where the channel leaves something out.
  ///   - observe: hears of the channel's failures.
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
        // Nothing new, or a relay or a broker that is away: only the log can tell.
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

  /// The log's commits between two positions. None where there are none, which is noted then, or
  /// where the log has not come so far.
  private func missing(
    after position: Position, before first: UInt64, _ limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    // The commit behind the gap is asked for, too: it shows that nothing else comes before it.
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

  public func release(_ root: Root, upTo position: UInt64) {
    let (tags, consumer) = state.look { state in
      (state.inbox?.release(root, upTo: position) ?? [], state.consumer)
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

  // MARK: What comes

  private func begin(after position: Position) {
    state.look { state in
      guard state.pump == nil else { return }
      state.inbox = ChannelInbox(after: position.number)
      state.pump = Task(executorPreference: LooseTasks.executor) { await self.pump() }
    }
  }

  /// Takes what comes, from one consumer after the other, until it is cancelled.
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

  /// A commit of another domain or partition is none for us.
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

  /// Waits until something comes. False if nothing does in time.
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

/// The bounds and times of a subscription that a channel feeds.
public struct ChannelLogSettings: Sendable, Equatable {
  /// Deliveries that are not acknowledged.
  public var windowMax = 1024
  /// How long the channel may be silent before the log is asked; each time longer.
  public var silenceMin = Duration.seconds(1)
  public var silenceMax = Duration.seconds(5)
  /// Pause before the log is asked again for what it does not show yet.
  public var gapRetryDelay = Duration.milliseconds(100)
  /// Pauses between tries while the broker is away.
  public var retryDelayMin = Duration.milliseconds(50)
  public var retryDelayMax = Duration.seconds(1)
  /// Pause between two counts of what was set aside.
  public var letterCountInterval = Duration.seconds(30)

  public init() {}
}
