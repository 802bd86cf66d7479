import EventSourcing
import RPC
import Wire

// The one table of which error becomes which gRPC status.

extension RPCStatus {
  /// The status of an error of the use cases.
  public init(_ error: EventSourcingError) {
    let code: Code =
      switch error.code {
      case .invalid: .invalidArgument
      case .conflict: .aborted
      case .notFound: .notFound
      case .precondition: .failedPrecondition
      case .exhausted: .resourceExhausted
      case .unavailable: .unavailable
      case .timedOut: .deadlineExceeded
      case .logicDefect: .internal
      case .dataLoss: .dataLoss
      }
    self.init(code, error.message)
  }

  /// The status of a request that could not be read.
  public init(_ error: WireError) {
    self.init(error.code == .tooLarge ? .resourceExhausted : .invalidArgument, "\(error)")
  }

  /// The status of whatever a use case threw.
  init(thrownByUseCase error: any Error) {
    switch error {
    case let status as RPCStatus: self = status
    case let error as EventSourcingError where error.code == .exhausted:
      // Clients try again only where a server says when (google.rpc.RetryInfo).
      self = RPCStatus(error).with([.retryInfo(after: .milliseconds(100))])
    case let error as EventSourcingError: self.init(error)
    case let error as WireError: self.init(error)
    case let error as StorageError: self.init(EventSourcingError(error))
    case let error as LogicError: self.init(error)
    case is CancellationError: self.init(.cancelled, "the call was cancelled")
    default: self.init(.internal, "an error that nobody expected: \(error)")
    }
  }

  private init(_ error: LogicError) {
    switch error {
    case .refused(let status as RPCStatus): self = status
    case .refused(let error): self.init(.unknown, String(describing: error))
    case .unavailable(let message): self.init(.unavailable, message)
    case .timedOut: self.init(.deadlineExceeded, "the logic did not answer before the deadline")
    case .malformed(let message): self.init(.internal, message)
    }
  }
}

/// Runs the body of a method; whatever it throws is the status that the caller gets.
func answering<Answer>(
  isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Answer
) async throws(RPCStatus) -> Answer {
  do { return try await body() } catch { throw RPCStatus(thrownByUseCase: error) }
}

extension RPCStatus: DeliveryFailure.StatusError {
  public var statusCode: Int { code.rawValue }
  public var statusMessage: String { message }
}
