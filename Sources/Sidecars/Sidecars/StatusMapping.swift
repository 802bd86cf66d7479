import EventModel
import EventSourcing
import RPC
import StatusCodes
import Wire

// How errors reach callers: `ErrorStatus`, the table of statuses, in terms of gRPC.

extension RPCStatus {
  /// The status of whatever a use case threw. A status is passed on as it is, with its metadata.
  init(thrownByUseCase error: any Error) {
    switch error {
    case let status as RPCStatus: self = status
    case LogicError.refused(let status as RPCStatus): self = status
    default:
      let status = ErrorStatus(error)
      self.init(
        status.code, status.message, metadata: Metadata(encoded: status.trailers) ?? [:])
      if let error = error as? EventSourcingError, error.code == .exhausted {
        // Clients try again only where a server says when (google.rpc.RetryInfo).
        self = with([.retryInfo(after: .milliseconds(100))])
      }
    }
  }
}

/// Runs the body of a method; whatever it throws is the status that the caller gets.
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

/// A request that could not be read.
extension WireError: StatusError {
  public var statusCode: StatusCode { code == .tooLarge ? .resourceExhausted : .invalidArgument }
  public var statusMessage: String { "\(self)" }
}
