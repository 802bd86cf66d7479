import RPC

/// Measures the calls of one method of a server.
struct ServerMeter: ServerInterceptor {
  let meter: CallMeter

  func intercept(
    _ context: ServerContext, _ proceed: (ServerContext) async throws -> Void
  ) async throws {
    let began = meter.begin()
    do {
      try await proceed(context)
      meter.end(code(.ok, of: context), since: began)
    } catch {
      meter.end(code(RPCStatus(thrownByHandler: error).code, of: context), since: began)
      throw error
    }
  }

  /// A handler is cancelled once nobody waits for its answer. What it then says does not become the call's status.
  private func code(_ code: RPCStatus.Code, of context: ServerContext) -> RPCStatus.Code {
    guard Task.isCancelled else { return code }
    return context.deadline.isPast ? .deadlineExceeded : .cancelled
  }
}
