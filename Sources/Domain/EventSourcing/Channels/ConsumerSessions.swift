import EventModel
import Timing

/// Consumes from a channel, with one consumer after another, until cancelled. Retries with
/// back-off while the broker fails.
struct ConsumerSessions: Sendable {
  /// Back-off while the broker is unavailable.
  var retryDelay: ClosedRange<Duration>
  /// Interval between counts of dead letters.
  var countInterval: Duration
  let environment: Environment
  /// Gets the channel's failures and the number of dead letters.
  let observe: @Sendable (SubscriptionEvent) -> Void

  /// - Parameters:
  ///   - letters: the dead letters to count; nil: none are counted.
  ///   - open: opens a consumer.
  ///   - consume: takes deliveries until the consumer fails.
  func run<Message>(
    countingIn letters: (any DeadLetters)?,
    open: () async throws -> any ChannelConsumer<Message>,
    consume: (any ChannelConsumer<Message>) async throws -> Void
  ) async {
    var backoff = Backoff(from: retryDelay.lowerBound, upTo: retryDelay.upperBound)
    var failure: ChannelError.Code?
    while !Task.isCancelled {
      let began = environment.instant()
      do {
        let consumer = try await open()
        if failure != nil { observe(.channelRecovered) }
        failure = nil
        // Counting runs beside, so an unresponsive broker does not block the consumer.
        let counting = Task(executorPreference: LooseTasks.executor) { await count(letters) }
        defer { counting.cancel() }
        do {
          try await consume(consumer)
        } catch {
          await consumer.close()
          throw error
        }
        await consumer.close()
      } catch {
        if Task.isCancelled { return }
        let error = error as? ChannelError ?? ChannelError(.unavailable, "\(error)")
        if error.code != failure { observe(.channelFailed(error)) }
        failure = error.code
        if environment.instant() - began > retryDelay.upperBound { backoff.reset() }
        try? await environment.sleep(backoff.next(random: environment.random()))
      }
    }
  }
  /// Counts until cancelled. A failed count waits for the next interval; the consumer reports
  /// that the broker fails.
  private func count(_ letters: (any DeadLetters)?) async {
    guard let letters else { return }
    while !Task.isCancelled {
      if let count = try? await letters.count(), !Task.isCancelled {
        observe(.deadLetters(count))
      }
      try? await environment.sleep(countInterval)
    }
  }
}
