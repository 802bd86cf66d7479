import EventModel
import Timing

/// Consumes from a channel: with one consumer after the other, until the task is cancelled. A
/// failure of the broker is waited out.
struct ConsumerSessions: Sendable {
  /// Pauses between tries while the broker is away.
  var retryDelay: ClosedRange<Duration>
  let environment: Environment
  /// Hears of the channel's failures.
  let observe: @Sendable (SubscriptionEvent) -> Void

  /// - Parameters:
  ///   - open: begins to consume.
  ///   - consume: takes what comes, until the consumer fails.
  func run<Message>(
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
}
