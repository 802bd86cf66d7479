/// How long to wait before connecting again: longer each time, with jitter, so that many clients of a
/// server that comes back do not come back all at once.
///
/// gRPC, `doc/connection-backoff.md`, with a shorter first delay: a sidecar often starts a moment
/// before the logic beside it.
public struct Backoff: Sendable {
  public var initial: Duration = .milliseconds(100)
  public var multiplier = 1.6
  public var max: Duration = .seconds(20)
  /// The part of a delay by which it may be shorter or longer.
  public var jitter = 0.2

  private var current: Duration?

  public init() {}

  /// The next delay, by a random number from 0 to 1.
  mutating func next(random: Double) -> Duration {
    let delay = current ?? initial
    current = min(delay * multiplier, max)
    return delay * (1 + jitter * (2 * random - 1))
  }

  /// A connection succeeded.
  mutating func reset() { current = nil }
}
