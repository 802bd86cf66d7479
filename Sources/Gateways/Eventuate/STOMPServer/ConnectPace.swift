import Timing

/// A rate limit for reconnecting clients, by address.
///
/// A state machine that gets the time with each call. The number of addresses is bounded; beyond
/// it, all counts are reset.
struct ConnectPace {
  private struct Peer {
    var left: Double
    var last: ContinuousClock.Instant
  }

  private static let peersMax = 10_000
  private let burst: Double
  private let eachSecond: Double
  private var peers: [String: Peer] = [:]

  init(burst: Int, eachSecond: Int) {
    self.burst = Double(burst)
    self.eachSecond = Double(eachSecond)
  }

  /// Counts a connection from this address. Returns how long it must wait.
  mutating func delay(of peer: String, at now: ContinuousClock.Instant) -> Duration {
    if peers.count >= Self.peersMax, peers[peer] == nil { peers = [:] }
    var known = peers[peer] ?? Peer(left: burst, last: now)
    let passed = (now - known.last) / .seconds(1)
    known.left = min(known.left + passed * eachSecond, burst) - 1
    known.last = now
    // The wait never exceeds ten seconds.
    known.left = max(known.left, -10 * eachSecond)
    peers[peer] = known
    return known.left >= 0 ? .zero : .seconds(-known.left / eachSecond)
  }
}
