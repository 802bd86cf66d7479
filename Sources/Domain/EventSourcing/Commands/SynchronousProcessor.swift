import EventModel
import StatusCodes

/// A projector or saga that handles events before their command is answered.
public protocol SynchronousProcessor: Sendable {
  /// Its name, for reports of failures.
  var name: Name { get }

  /// Handles the events, or throws. They are durable already, and are delivered again later.
  func process(
    _ book: EventBook, deadline: ContinuousClock.Instant
  ) async throws(ProcessorFailure) -> ProcessorOutcome
}

/// The results of a synchronous processor.
public struct ProcessorOutcome: Equatable, Sendable {
  public var projections: [Projection]
  public var books: [EventBook]

  public init(projections: [Projection] = [], books: [EventBook] = []) {
    self.projections = projections
    self.books = books
  }
}

/// A synchronous processor that failed. The command succeeded all the same.
public struct ProcessorFailure: Error, Equatable, Sendable {
  public var processor: Name
  public var cover: Cover
  /// A gRPC status code.
  public var statusCode: StatusCode
  public var message: String

  public init(processor: Name, cover: Cover, statusCode: StatusCode, message: String) {
    self.processor = processor
    self.cover = cover
    self.statusCode = statusCode
    self.message = message
  }

  /// Maps the error that a processor threw for an aggregate's events.
  public init(of processor: Name, _ error: any Error, at cover: Cover) {
    let status = ErrorStatus(error)
    self.init(
      processor: processor, cover: cover, statusCode: status.code, message: status.message)
  }
}
