import EventModel
import Timing

/// Consumes from a channel: with one consumer after the other, until the task is cancelled. A
/// failure of the broker is waited out.
struct ConsumerSessions: Sendable {
  /// Pauses between tries while the broker is away.
  var retryDelay: ClosedRange<Duration>
  /// Pause between two counts of dead letters.
  var countInterval: Duration
  let environment: Environment
  /// Hears of the channel's failures, and how many dead letters there are.
  let observe: @Sendable (SubscriptionEvent) -> Void

  /// - Parameters:
  ///   - letters: what consumers set aside; nil: it is not counted.
  ///   - open: begins to consume.
  ///   - consume: takes what comes, until the consumer fails.
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
        // Nobody waits for a broker that does not answer it.
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
  /// Counts until the task is cancelled. What the broker does not tell is left for the next time:
  /// that it fails is told by those who consume.
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
