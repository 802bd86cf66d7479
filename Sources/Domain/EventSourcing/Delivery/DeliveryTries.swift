import EventModel
import Timing

/// Counts the failed deliveries of one aggregate's next events, and sets the pauses between.
struct DeliveryTries {
  private let settings: SubscriptionSettings
  private var backoff: Backoff
  /// Of failures that are temporary.
  private var awayBackoff: Backoff
  /// Refusals since the last success.
  private(set) var count = 0
  /// The last failure since the last success.
  private(set) var failure: DeliveryFailure?
  /// The next event for the consumer, as far as known.
  private(set) var sequence = SequenceNumber.first

  init(_ settings: SubscriptionSettings) {
    self.settings = settings
    backoff = Backoff(from: settings.retryDelayMin, upTo: settings.retryDelayMax)
    awayBackoff = Backoff(from: settings.retryDelayMin, upTo: settings.awayDelayMax)
  }

  /// Whether the consumer has used up its tries.
  var isExhausted: Bool { count >= settings.triesMax }

  /// Records a failure.
  ///
  /// - Parameters:
  ///   - aggregates: how many have something to deliver.
  ///   - random: 64 random bits.
  /// - Returns: the pause before the next try.
  mutating func failed(
    _ failure: DeliveryFailure, among aggregates: Int = 1, random: UInt64
  ) -> Duration {
    self.failure = failure
    if failure.isTemporary {
      let crowd = max(1, Double(aggregates) / Double(settings.awayTriesMax))
      return awayBackoff.next(random: random) * crowd
    }
    // A retry cannot mend damaged data.
    count = failure.isDataLoss ? max(count + 1, settings.triesMax) : count + 1
    if count > settings.triesMax { return backoff.next(random: random) }
    return isExhausted ? .zero : pauseAfterRefusal(random)
  }

  /// Sets the next event to deliver; refusals of earlier events do not count against it.
  mutating func `continue`(at next: SequenceNumber) {
    if next > sequence { restart() }
    sequence = next
  }

  /// Forgets the refusals.
  mutating func restart() { count = 0 }

  /// Starts over after a success.
  mutating func reset() { self = DeliveryTries(settings) }

  /// Each pause is twice as long as the one before, and all together take `retryTime`. Up to a
  /// quarter is added at random, so that aggregates do not retry all at once.
  private func pauseAfterRefusal(_ random: UInt64) -> Duration {
    let pauses = settings.triesMax - 1
    // 2^(count − 1) of 1 + 2 + 4 + … = 2^pauses − 1 parts, both divided by 2^pauses.
    let part = powerOfTwo(count - 1 - pauses) / (1 - powerOfTwo(-pauses))
    let fraction = Double(random >> 11) * powerOfTwo(-53)
    return max(settings.retryDelayMin, settings.retryTime * part) * (1 + fraction / 4)
  }

  private func powerOfTwo(_ exponent: Int) -> Double {
    Double(sign: .plus, exponent: exponent, significand: 1)
  }
}
