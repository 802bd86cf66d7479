import EventModel

/// The user's code that decides the events of a command.
public protocol BusinessLogic: Sendable {
  /// Requests a decision. The answer is not checked yet.
  func handle(
    _ command: Command, on aggregate: Aggregate, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> ProposedBook
}

/// Handles an aggregate's events, book by book.
public protocol BookLogic: Sendable {
  /// Called when its subscription becomes active in this process.
  func begin()

  /// Passes events that follow those included in `previous`, and waits until they are handled.
  func handle(
    _ book: EventBook, previous: Projection?, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Handled

  /// Stores refused events elsewhere, to handle them later.
  ///
  /// - Returns: false if it does not, so that the aggregate is parked.
  func setAside(
    _ book: EventBook, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Bool
}

/// The result of handling a book.
public enum Handled: Equatable, Sendable {
  /// A projection to store in the record; nil for logic that keeps its own read model.
  case projected(Bytes?)
  /// All effects are stored already, and idempotent by their ids: the book may come again, even
  /// after later ones. So its record may be written later.
  case stored
  /// As `stored`, and the aggregate gets no further events. Its record is no longer needed.
  case ended
}

/// The user's code that makes a projection from events.
public protocol ProjectorLogic: BookLogic {
  /// Passes events that follow those included in `previous`, and returns the projection. Nil for
  /// logic that keeps its own read model.
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

/// The reasons why the user's code gave no usable answer.
public enum LogicError: Error, Sendable {
  /// It answered with a refusal. The error goes to the caller unchanged and is never retried.
  case refused(any Error)
  /// It is unreachable, or failed before it answered.
  case unavailable(String)
  /// It did not answer before the deadline.
  case timedOut
  /// It gave an invalid answer: a bug, described by the message.
  case malformed(String)
}
