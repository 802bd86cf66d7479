import Timing

/// When a failed call is retried (gRPC, proposal A6).
///
/// Only for idempotent calls: the first attempt may have succeeded although its answer was lost.
public struct RetryPolicy: Sendable {
  /// Attempts, including the first.
  public var attemptsMax = 4
  /// The codes that allow a retry.
  public var codes: Set<RPCStatus.Code> = [.unavailable]
  /// The delays between attempts: a random part of a doubling time.
  public var backoff = Backoff(from: .milliseconds(50), upTo: .seconds(2), spread: 0...1)
  /// Retry throttling: a failure costs one token, a success returns a part of one. Below half of
  /// the tokens there are no retries: more calls do not help a server that is down.
  public var budget = 10.0
  public var budgetGain = 0.1

  public init() {}
}

/// The state of one call's attempts: takes each failure, and decides.
struct RetryState {
  private let policy: RetryPolicy
  private var attempts = 1
  private var backoff: Backoff

  init(_ policy: RetryPolicy) {
    self.policy = policy
    backoff = policy.backoff
  }

  /// The delay before the next attempt; nil to give up.
  ///
  /// - Parameter random: 64 random bits.
  mutating func next(after status: RPCStatus, random: UInt64) -> Duration? {
    guard attempts < policy.attemptsMax, policy.codes.contains(status.code) else { return nil }
    attempts += 1
    let wait = backoff.next(random: random)
    // A numeric pushback sets the delay; any other value forbids a retry.
    guard let pushback = status.metadata["grpc-retry-pushback-ms"] else { return wait }
    guard let milliseconds = UInt32(pushback) else { return nil }
    return .milliseconds(Int64(milliseconds))
  }
}

/// The retry budget shared by all calls of a channel.
struct RetryBudget {
  private let policy: RetryPolicy
  private var tokens: Double

  init(_ policy: RetryPolicy) {
    self.policy = policy
    tokens = policy.budget
  }

  mutating func succeeded() { tokens = min(tokens + policy.budgetGain, policy.budget) }

  /// Counts a failed attempt. False if the budget allows no retry.
  mutating func allowsRetry() -> Bool {
    tokens = max(tokens - 1, 0)
    return tokens > policy.budget / 2
  }
}
