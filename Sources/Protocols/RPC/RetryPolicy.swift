import Timing

/// When a call that failed is made again (gRPC, proposal A6).
///
/// Only for calls that may be made twice: the first attempt may have done its work although its
/// answer was lost.
public struct RetryPolicy: Sendable {
  /// How often a call is made, with the first time.
  public var attemptsMax = 4
  /// The failures after which it is made again.
  public var codes: Set<RPCStatus.Code> = [.unavailable]
  /// The waits between attempts: any part of a time that doubles.
  public var backoff = Backoff(from: .milliseconds(50), upTo: .seconds(2), spread: 0...1)
  /// Every failure takes one of so many tokens, every success gives a part of one back. With half
  /// of them gone nothing is made again: a server that is down is not helped by more calls.
  public var budget = 10.0
  public var budgetGain = 0.1

  public init() {}
}

/// One call's way through its attempts: it is told of each failure and says what to do.
struct RetryState {
  private let policy: RetryPolicy
  private var attempts = 1
  private var backoff: Backoff

  init(_ policy: RetryPolicy) {
    self.policy = policy
    backoff = policy.backoff
  }

  /// How long to wait before the next attempt; nil to give up.
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

/// What all the calls of a channel may spend on attempts beyond their first.
struct RetryBudget {
  private let policy: RetryPolicy
  private var tokens: Double

  init(_ policy: RetryPolicy) {
    self.policy = policy
    tokens = policy.budget
  }

  mutating func succeeded() { tokens = min(tokens + policy.budgetGain, policy.budget) }

  /// An attempt failed. False if no other may follow.
  mutating func allowsRetry() -> Bool {
    tokens = max(tokens - 1, 0)
    return tokens > policy.budget / 2
  }
}
