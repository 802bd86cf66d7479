import EventModel

/// Tells a consumer that is down from one that refuses single aggregates.
///
/// It opens where an aggregate would be parked while most of the aggregates that were tried lately
/// fail. As long as it is open nothing is parked, and one delivery at a time goes through as a
/// probe; the first that succeeds closes it.
///
/// A state machine: the time comes in with each call. It costs nothing while no delivery fails.
struct Circuit {
  typealias Instant = ContinuousClock.Instant

  enum Admission: Equatable {
    case go
    /// Another delivery is the probe, or the next probe is not due: ask again after this pause.
    case wait(Duration)
  }

  enum Verdict: Equatable {
    case park
    /// The consumer is down. The count is given where the circuit opens just now: aggregates that
    /// fail.
    case down(opened: Int?)
  }

  private struct Outage {
    var probe: Root?
    var nextProbe: Instant
    var pause: Duration
  }

  /// Fewer aggregates that fail say nothing about the consumer.
  private let failingMin = 3
  /// What was handled longer ago than this, or twice this at most, is forgotten.
  private let memory: Duration
  private let pauseMin: Duration
  private let pauseMax: Duration
  /// More need not be told apart: they are more than can fail at once.
  private let handledMax: Int

  private var failing: Set<Root> = []
  private var handled: Set<Root> = []
  private var handledBefore: Set<Root> = []
  private var countedSince: Instant?
  private var outage: Outage?

  init(_ settings: SubscriptionSettings) {
    memory = max(settings.retryTime, .seconds(1))
    pauseMin = .seconds(1)
    pauseMax = max(settings.retryDelayMax, .seconds(1))
    handledMax = settings.aggregatesMax
  }

  var isOpen: Bool { outage != nil }

  /// Whether a delivery of this aggregate may be tried now. An aggregate that has not failed yet
  /// tells most, and is the next probe at once.
  mutating func admit(_ root: Root, at now: Instant) -> Admission {
    guard let outage, outage.probe != root else { return .go }
    if outage.probe == nil, !failing.contains(root) || outage.nextProbe <= now {
      self.outage?.probe = root
      return .go
    }
    return .wait(outage.probe == nil ? min(pauseMin, outage.nextProbe - now) : pauseMin)
  }

  /// A delivery succeeded. True where this closes the circuit.
  mutating func succeeded(_ root: Root, at now: Instant) -> Bool {
    if failing.isEmpty, outage == nil { return false }
    failing.remove(root)
    forget(at: now)
    if handled.count < handledMax { handled.insert(root) }
    defer { outage = nil }
    return outage != nil
  }

  /// A delivery was refused.
  mutating func refused(_ root: Root, at now: Instant) {
    if failing.isEmpty {
      handled = []
      handledBefore = []
      countedSince = now
    }
    failing.insert(root)
    handled.remove(root)
    handledBefore.remove(root)
    endProbe(root, at: now)
  }

  /// A delivery came to nothing that tells about the aggregate: the consumer or the store is away.
  mutating func interrupted(_ root: Root, at now: Instant) { endProbe(root, at: now) }

  /// The aggregate used up its tries: whether that is its own fault.
  mutating func judge(_ root: Root, at now: Instant) -> Verdict {
    if isOpen { return .down(opened: nil) }
    forget(at: now)
    guard failing.count >= failingMin, failing.count > handled.union(handledBefore).count else {
      return .park
    }
    outage = Outage(nextProbe: now + pauseMin, pause: pauseMin)
    return .down(opened: failing.count)
  }

  /// The aggregate is parked, or nobody delivers it any more.
  mutating func left(_ root: Root) {
    failing.remove(root)
    if outage?.probe == root { outage?.probe = nil }
  }

  private mutating func endProbe(_ root: Root, at now: Instant) {
    guard var outage, outage.probe == root else { return }
    outage.probe = nil
    outage.pause = min(outage.pause * 2, pauseMax)
    outage.nextProbe = now + outage.pause
    self.outage = outage
  }

  private mutating func forget(at now: Instant) {
    guard let since = countedSince, since + memory <= now else { return }
    handledBefore = since + memory * 2 <= now ? [] : handled
    handled = []
    countedSince = now
  }
}
