import Timing

/// Slows down clients that connect again and again without a pause, by their address.
///
/// A state machine: it is told what time it is. Addresses are bounded; when there are too many, all
/// begin anew.
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

  /// A client of this address connects. How long it is to wait.
  mutating func delay(of peer: String, at now: ContinuousClock.Instant) -> Duration {
    if peers.count >= Self.peersMax, peers[peer] == nil { peers = [:] }
    var known = peers[peer] ?? Peer(left: burst, last: now)
    let passed = (now - known.last) / .seconds(1)
    known.left = min(known.left + passed * eachSecond, burst) - 1
    known.last = now
    // Nobody waits for more than ten seconds, however often it came.
    known.left = max(known.left, -10 * eachSecond)
    peers[peer] = known
    return known.left >= 0 ? .zero : .seconds(-known.left / eachSecond)
  }
}
