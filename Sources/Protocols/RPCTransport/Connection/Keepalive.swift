/// When to ask a silent peer for a sign of life, and when to give it up.
///
/// A state machine: the connection tells it what it heard and when its timer fired, and does what
/// it says. Anything that comes from the peer is a sign of life.
struct Keepalive {
  enum Action: Equatable {
    /// All is well; look again after this time.
    case wait(Duration)
    /// Send a PING, and look again after this time.
    case ping(Duration)
    /// The peer has been silent since the PING: close.
    case giveUp
  }

  /// After how much silence a PING goes out; nil for never.
  let interval: Duration?
  /// How long the answer may take.
  let timeout: Duration
  /// Whether to ask even with no call open. Servers of other makes take a client that does so
  /// for an attacker (gRPC, `doc/keepalive.md`, GOAWAY with "too_many_pings").
  let asksWhenIdle: Bool

  private var hasHeard = false
  private var isAsking = false

  init(interval: Duration?, timeout: Duration, asksWhenIdle: Bool) {
    self.interval = interval
    self.timeout = timeout
    self.asksWhenIdle = asksWhenIdle
  }

  mutating func heard() { hasHeard = true }

  mutating func timerFired(hasStreams: Bool) -> Action {
    guard let interval else { return .wait(.seconds(3600)) }
    defer { hasHeard = false }
    if hasHeard {
      isAsking = false
      return .wait(interval)
    }
    if isAsking { return .giveUp }
    guard hasStreams || asksWhenIdle else { return .wait(interval) }
    isAsking = true
    return .ping(timeout)
  }
}
