import EventModel
import EventSourcing
import RPC
import StatusCodes
import Wire

// Maps errors to gRPC statuses by the table `ErrorStatus`.

extension RPCStatus {
  /// The status of a use case's error. A status passes unchanged, with its metadata.
  init(thrownByUseCase error: any Error) {
    switch error {
    case let status as RPCStatus: self = status
    case LogicError.refused(let status as RPCStatus): self = status
    default:
      let status = ErrorStatus(error)
      self.init(
        status.code, status.message, metadata: Metadata(encoded: status.trailers) ?? [:])
      if let error = error as? EventSourcingError, error.code == .exhausted {
        // Clients retry only if a server says when (google.rpc.RetryInfo).
        self = with([.retryInfo(after: .milliseconds(100))])
      }
    }
  }
}

/// Runs the body of a method, and maps its errors to statuses.
func answering<Answer>(
  _ body: () async throws -> Answer
) async throws(RPCStatus) -> Answer {
  do { return try await body() } catch { throw RPCStatus(thrownByUseCase: error) }
}

extension RPCStatus: StatusError {
  public var statusCode: StatusCode { code }
  public var statusMessage: String { message }
  public var statusTrailers: Bytes { metadata.encoded }
}

/// An unreadable request.
extension WireError: StatusError {
  public var statusCode: StatusCode { code == .tooLarge ? .resourceExhausted : .invalidArgument }
  public var statusMessage: String { "\(self)" }
}
