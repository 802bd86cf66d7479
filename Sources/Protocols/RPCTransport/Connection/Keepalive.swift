/// Decides when to ping a silent peer, and when to give it up.
///
/// A state machine: takes received bytes and timer events, and returns the action. Any bytes from
/// the peer count as a sign of life.
struct Keepalive {
  enum Action: Equatable {
    /// Check again after this time.
    case wait(Duration)
    /// Send a PING, and check again after this time.
    case ping(Duration)
    /// The peer has been silent since the PING: close.
    case giveUp
  }

  /// The silence before a PING; nil: never.
  let interval: Duration?
  /// The time limit of the answer.
  let timeout: Duration
  /// True: ping even without calls. Other servers take such a client for an attacker (gRPC,
  /// `doc/keepalive.md`, GOAWAY with "too_many_pings").
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
