import EventModel

/// A circuit breaker that tells a consumer that is down from one that refuses single aggregates.
///
/// It opens when an aggregate would be parked while most recently tried aggregates fail. While it
/// is open, nothing is parked, and one delivery at a time goes through as a probe; the first
/// success closes it.
///
/// A state machine: the time comes in with each call. It costs nothing while no delivery fails.
struct Circuit {
  typealias Instant = ContinuousClock.Instant

  enum Admission: Equatable {
    case go
    /// Another delivery is the probe, or the next probe is not due: call again after this pause.
    case wait(Duration)
  }

  enum Verdict: Equatable {
    case park
    /// The consumer is down. If the circuit opens now, gives the number of failing aggregates.
    case down(opened: Int?)
  }

  private struct Outage {
    var probe: Root?
    var nextProbe: Instant
    var pause: Duration
  }

  /// With fewer failing aggregates, the consumer is not suspected.
  private let failingMin = 3
  /// Successes are forgotten after this time, or after twice this at most.
  private let memory: Duration
  private let pauseMin: Duration
  private let pauseMax: Duration
  /// Counting further successes is useless: failing aggregates cannot outnumber these.
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
  /// is the best probe, so it need not wait for the pause.
  mutating func admit(_ root: Root, at now: Instant) -> Admission {
    guard let outage, outage.probe != root else { return .go }
    if outage.probe == nil, !failing.contains(root) || outage.nextProbe <= now {
      self.outage?.probe = root
      return .go
    }
    return .wait(outage.probe == nil ? min(pauseMin, outage.nextProbe - now) : pauseMin)
  }

  /// Records a success. Returns true if it closes the circuit.
  mutating func succeeded(_ root: Root, at now: Instant) -> Bool {
    if failing.isEmpty, outage == nil { return false }
    failing.remove(root)
    forget(at: now)
    if handled.count < handledMax { handled.insert(root) }
    defer { outage = nil }
    return outage != nil
  }

  /// Records a refused delivery.
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

  /// Records a delivery that says nothing about the aggregate: the consumer or the store is
  /// unavailable.
  mutating func interrupted(_ root: Root, at now: Instant) { endProbe(root, at: now) }

  /// Judges an aggregate that used up its tries: park it, or suspect the consumer.
  mutating func judge(_ root: Root, at now: Instant) -> Verdict {
    if isOpen { return .down(opened: nil) }
    forget(at: now)
    guard failing.count >= failingMin, failing.count > handled.union(handledBefore).count else {
      return .park
    }
    outage = Outage(nextProbe: now + pauseMin, pause: pauseMin)
    return .down(opened: failing.count)
  }

  /// Removes an aggregate that is parked or no longer delivered.
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
