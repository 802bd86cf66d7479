import EventModel
import StatusCodes

/// Maps an error to a gRPC status code and a message for people.
///
/// The one table from errors to status, for callers, parked aggregates and failed synchronous
/// processors. A stored status is thrown again unchanged.
public struct ErrorStatus: Equatable, Sendable {
  public var code: StatusCode
  public var message: String
  /// What travels beside them, as the `StatusError` gave it; empty: nothing.
  public var trailers: Bytes = []

  public init(_ code: StatusCode, _ message: String, trailers: Bytes = []) {
    self.code = code
    self.message = message
    self.trailers = trailers
  }

  public init(_ error: any Error) {
    switch error {
    case let error as any StatusError:
      self.init(error.statusCode, error.statusMessage, trailers: error.statusTrailers)
    case let error as EventSourcingError: self.init(StatusCode(error.code), error.message)
    case let error as StorageError: self.init(EventSourcingError(error))
    case let error as LogicError: self.init(error)
    case is CancellationError: self.init(.cancelled, "the call was cancelled")
    default: self.init(.internal, "unexpected error: \(error)")
    }
  }

  private init(_ error: LogicError) {
    switch error {
    case .refused(let refusal as any StatusError): self.init(refusal)
    case .refused(let refusal): self.init(.unknown, String(describing: refusal))
    case .unavailable(let message): self.init(.unavailable, message)
    case .timedOut: self.init(.deadlineExceeded, "the logic did not answer in time")
    case .malformed(let message): self.init(.internal, message)
    }
  }
}

extension ErrorStatus {
  /// Whether the same command may succeed later by itself, so that this is no final outcome.
  /// Includes RESOURCE_EXHAUSTED, which may come from any limit.
  public var mayPass: Bool {
    switch code {
    case .unavailable, .deadlineExceeded, .aborted, .cancelled, .resourceExhausted: true
    default: false
    }
  }
}

extension StatusCode {
  fileprivate init(_ code: EventSourcingError.Code) {
    self =
      switch code {
      case .invalid: .invalidArgument
      case .conflict: .aborted
      case .notFound: .notFound
      case .precondition, .expired: .failedPrecondition
      case .exhausted: .resourceExhausted
      case .unavailable: .unavailable
      case .timedOut: .deadlineExceeded
      case .logicDefect: .internal
      case .dataLoss: .dataLoss
      }
  }
}

/// An error with its own gRPC status, such as one from business logic.
public protocol StatusError: Error {
  var statusCode: StatusCode { get }
  var statusMessage: String { get }
  /// What travels beside them, in a form of its own that can be stored; empty: nothing.
  var statusTrailers: Bytes { get }
}

extension StatusError {
  public var statusTrailers: Bytes { [] }
}

extension ErrorStatus: StatusError {
  public var statusCode: StatusCode { code }
  public var statusMessage: String { message }
  public var statusTrailers: Bytes { trailers }
}
