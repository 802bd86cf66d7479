import EventModel
import StatusCodes

/// Handles events before their command is answered: a projector or a saga that was asked to.
public protocol SynchronousProcessor: Sendable {
  /// Who it is, for the report of a failure.
  var name: Name { get }

  /// Handles the events, or says why not. They are durable already, and come again later.
  func process(
    _ book: EventBook, deadline: ContinuousClock.Instant
  ) async throws(ProcessorFailure) -> ProcessorOutcome
}

/// What a synchronous processor made of the events.
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

  /// What a processor threw when it was handed the events of an aggregate.
  public init(of processor: Name, _ error: any Error, at cover: Cover) {
    let status = ErrorStatus(error)
    self.init(
      processor: processor, cover: cover, statusCode: status.code, message: status.message)
  }
}
