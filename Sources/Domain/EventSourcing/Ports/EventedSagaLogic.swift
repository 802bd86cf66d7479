import EventModel

/// The team's own code: a saga that sends its commands by itself, as Evented's did.
public protocol EventedSagaLogic: Sendable {
  /// Hands over events.
  func handle(
    _ book: EventBook, deadline: ContinuousClock.Instant
  ) async throws(LogicError)

  /// Hands over events, and waits for what came of them: facts that are to be recorded, of any
  /// domain, and projections.
  func handleSynchronously(
    _ book: EventBook, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> (facts: [ProposedBook], projections: [Projection])
}

/// Records facts, wherever their domains are served.
public protocol FactRecorder: Sendable {
  /// Throws as `CommandSender.send` does.
  ///
  /// - Returns: the events as they are stored; nil: they were refused.
  func record(
    _ book: ProposedBook, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> EventBook?
}
