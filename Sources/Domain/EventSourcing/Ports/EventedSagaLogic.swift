import EventModel

/// The user's code of a saga that sends its commands itself, as in Evented.
public protocol EventedSagaLogic: Sendable {
  /// Passes events.
  func handle(
    _ book: EventBook, deadline: ContinuousClock.Instant
  ) async throws(LogicError)

  /// Passes events, and returns the results: facts to record, of any domain, and projections.
  func handleSynchronously(
    _ book: EventBook, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> (facts: [ProposedBook], projections: [Projection])
}

/// Records facts in the processes that serve their domains.
public protocol FactRecorder: Sendable {
  /// Throws as `CommandSender.send` does.
  ///
  /// - Returns: the events as stored; nil if they were refused.
  func record(
    _ book: ProposedBook, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> EventBook?
}
