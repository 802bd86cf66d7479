import Synchronization
import Timing

/// Wakes tasks that wait for something new, such as a log's next commit.
///
/// This process's writer tells what it wrote. Others' writes are looked for, at growing intervals,
/// but only while someone waits.
public final class ChangeSignal<Topic: Hashable & Sendable>: Sendable {
  /// Reads how far topics have come, all at once. What it cannot read it leaves out.
  public typealias Look = @Sendable ([Topic]) async -> [Topic: UInt64]

  private struct Waiter {
    let after: UInt64
    let continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var lastID = 0
    /// Never empty for a topic: what is new of one is no work for those who wait for others.
    var waiters: [Topic: [Int: Waiter]] = [:]
    /// How far each topic is known to have come.
    var reached: [Topic: UInt64] = [:]
    var poll: Task<Void, Never>?
    var isClosed = false

    mutating func removeWaiter(_ id: Int, for topic: Topic) -> Waiter? {
      let waiter = waiters[topic]?.removeValue(forKey: id)
      if waiters[topic]?.isEmpty == true { waiters[topic] = nil }
      return waiter
    }

    /// Takes out those who wait for the topic to come this far.
    mutating func removeWaiters(for topic: Topic, upTo number: UInt64) -> [Waiter] {
      guard let all = waiters[topic] else { return [] }
      let left = all.filter { $0.value.after >= number }
      waiters[topic] = left.isEmpty ? nil : left
      return all.values.filter { $0.after < number }
    }
  }

  private let state = Mutex(State())
  private let pollInterval: (min: Duration, max: Duration)
  private let environment: Environment

  /// - Parameter pollInterval: how often to look for others' writes; it doubles while there is
  ///   nothing new.
  public init(pollInterval: (min: Duration, max: Duration), environment: Environment = .live) {
    self.pollInterval = pollInterval
    self.environment = environment
  }

  /// Comes back when the topic has come behind `number`, when the task is cancelled, or when the
  /// signal is closed.
  public func wait(for topic: Topic, after number: UInt64, look: @escaping Look) async {
    if state.withLock({ $0.reached[topic] == nil }), let reached = await look([topic])[topic] {
      if reached > number { return }
      learn(topic, reached)
    }
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    await suspend { continuation in
      let waiter = Waiter(after: number, continuation: continuation)
      return state.withLock { state in
        if state.isClosed || state.reached[topic, default: 0] > number { return false }
        state.waiters[topic, default: [:]][id] = waiter
        if state.poll == nil { state.poll = Task { await self.poll(look) } }
        return true
      }
    } takeBack: {
      state.withLock { $0.removeWaiter(id, for: topic) }?.continuation
    }
  }

  /// Lets everyone go who waits, now and later.
  public func close() {
    let (waiters, poll) = state.withLock { state in
      state.isClosed = true
      defer { state.waiters = [:] }
      return (state.waiters, state.poll)
    }
    poll?.cancel()
    for waiter in waiters.values.flatMap(\.values) { waiter.continuation.resume() }
  }

  /// Notes how far a topic has come and wakes those who waited for it. True where it is news.
  @discardableResult
  public func learn(_ topic: Topic, _ number: UInt64) -> Bool {
    let (isNews, woken) = state.withLock { state in
      if let reached = state.reached[topic], reached >= number { return (false, [Waiter]()) }
      state.reached[topic] = number
      return (true, state.removeWaiters(for: topic, upTo: number))
    }
    for waiter in woken { waiter.continuation.resume() }
    return isNews
  }

  /// How far a topic is known to have come; nil where nothing is known of it.
  public func reached(_ topic: Topic) -> UInt64? { state.withLock { $0.reached[topic] } }

  /// How many wait now.
  var waiterCount: Int { state.withLock { $0.waiters.values.reduce(0) { $0 + $1.count } } }

  /// Looks for other processes' writes as long as someone waits.
  private func poll(_ look: Look) async {
    var pause = pollInterval.min
    while let topics = topicsWaitedFor() {
      try? await environment.sleep(pause)
      var hasNews = false
      for (topic, reached) in await look(topics) where learn(topic, reached) { hasNews = true }
      pause = hasNews ? pollInterval.min : min(pause * 2, pollInterval.max)
    }
  }

  /// Nil, and the poll is over, where nobody waits.
  private func topicsWaitedFor() -> [Topic]? {
    state.withLock { state in
      if state.waiters.isEmpty {
        state.poll = nil
        return nil
      }
      return Array(state.waiters.keys)
    }
  }
}
