import EventModel

/// The team's own code: decides what a command does to an aggregate.
public protocol BusinessLogic: Sendable {
  /// Asks for a decision. The answer is what the logic sent, not checked yet.
  func handle(
    _ command: Command, on aggregate: Aggregate, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> ProposedBook
}

/// Handles an aggregate's events, book by book.
public protocol BookLogic: Sendable {
  /// Its subscription becomes active in this process.
  func begin()

  /// Hands over events that follow what `previous` includes, and waits until they are handled.
  func handle(
    _ book: EventBook, previous: Projection?, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Handled

  /// Keeps events elsewhere that it refuses, to handle them later.
  ///
  /// - Returns: false where it does not, so that the aggregate is parked.
  func setAside(
    _ book: EventBook, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Bool
}

/// What came of a book.
public enum Handled: Equatable, Sendable {
  /// A projection, which its record keeps; nil for logic that keeps its own read model.
  case projected(Bytes?)
  /// Nothing but what is stored already, under ids that make it once: the book may come again, even
  /// after later ones. So its record may be written later.
  case stored
  /// As `stored`, and the aggregate takes no events after these. It needs no record any more.
  case ended
}

/// The team's own code: makes a projection of events.
public protocol ProjectorLogic: BookLogic {
  /// Hands over events that follow what `previous` includes, and waits for the projection. The
  /// value is nil for logic that keeps its own read model.
  func project(
    _ book: EventBook, previous: Projection?, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Bytes?
}

extension ProjectorLogic {
  public func handle(
    _ book: EventBook, previous: Projection?, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Handled {
    .projected(try await project(book, previous: previous, deadline: deadline))
  }
}

extension BookLogic {
  public func begin() {}

  public func setAside(
    _ book: EventBook, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Bool { false }
}

/// Why the team's code gave no usable answer.
public enum LogicError: Error, Sendable {
  /// It was reached and said no. The error goes to the caller as it is and is never retried.
  case refused(any Error)
  /// It could not be reached, or went away before it answered.
  case unavailable(String)
  /// It did not answer before the deadline.
  case timedOut
  /// It answered something that is not an answer: a bug in it, and the message says which.
  case malformed(String)
}
