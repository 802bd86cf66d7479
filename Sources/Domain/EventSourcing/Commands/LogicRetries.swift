import EventModel
import Timing

/// Calls business logic, and retries with back-off while it is unavailable and time is left.
struct LogicRetries: Sendable {
  /// A channel that has no connection fails calls at once, so a try costs little.
  private static let pauseMax = Duration.milliseconds(500)

  let environment: Environment

  /// Throws the logic's own refusal unchanged, or `EventSourcingError`.
  func ask<Answer>(
    about cover: Cover, until deadline: ContinuousClock.Instant,
    _ call: () async throws(LogicError) -> Answer
  ) async throws -> Answer {
    var backoff = Backoff(upTo: Self.pauseMax)
    while true {
      do { return try await call() } catch {
        switch error {
        case .refused(let refusal): throw refusal
        case .malformed(let message): throw EventSourcingError(.logicDefect, message)
        case .timedOut:
          throw EventSourcingError(
            .timedOut, "business logic did not answer for \(cover) before the deadline")
        case .unavailable(let message):
          let pause = backoff.next(random: environment.random())
          guard environment.instant() + pause < deadline else {
            throw EventSourcingError(.unavailable, message)
          }
          try await environment.sleep(pause)
        }
      }
    }
  }
}
