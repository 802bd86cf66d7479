import EventModel
import Payloads
import RPC

/// The calls for one client's requests, made on its behalf.
struct EventuateCalls: Sendable {
  let backends: EventuateBackends
  let caller: Caller

  /// Calls the domain's command-handler.
  func command(
    _ method: Method, _ request: Message, on domain: Name
  ) async throws(RPCStatus) -> Message {
    try await backends.commands(domain).unary(method, request, options)
  }

  /// Calls a query-handler.
  func query(
    _ method: Method, _ request: Message, on domain: Name
  ) async throws(RPCStatus) -> Message {
    try await backends.queries(domain).unary(method, request, options)
  }

  /// Opens a call to a query-handler with a stream of responses.
  ///
  /// - Parameter isEndless: the call lasts until it is cancelled.
  func read(
    _ method: Method, _ request: Message, on domain: Name, isEndless: Bool = false
  ) async throws(RPCStatus) -> ClientCall {
    try await backends.queries(domain).serverStreaming(
      method, request, isEndless ? endlessOptions : options)
  }

  /// Opens a bidirectional stream to a query-handler.
  func stream(_ method: Method, on domain: Name) async throws(RPCStatus) -> ClientCall {
    try await backends.queries(domain).stream(method, endlessOptions)
  }

  /// The server that describes the domain's payloads.
  func payloadServer(of domain: Name) -> PayloadServer {
    PayloadServer(backends.commands(domain), options)
  }

  private var endlessOptions: CallOptions {
    var options = CallOptions()
    options.caller = caller
    return options
  }

  private var options: CallOptions {
    var options = endlessOptions
    options.deadline = .after(backends.timeout)
    return options
  }
}

/// The sidecars behind Eventuate's clients. Their channels authorise each caller.
package struct EventuateBackends: Sendable {
  let commands: @Sendable (Name) -> any RPCChannel
  let queries: @Sendable (Name) -> any RPCChannel
  let timeout: Duration
  /// The message types that this process has descriptors for.
  let types: PayloadTypes

  /// - Parameters:
  ///   - commands: returns a channel to the domain's command-handler.
  ///   - queries: returns a channel to a query-handler that serves the domain.
  ///   - timeout: for each call that is not endless.
  ///   - types: the message types that this process has descriptors for.
  package init(
    commands: @escaping @Sendable (Name) -> any RPCChannel,
    queries: @escaping @Sendable (Name) -> any RPCChannel, timeout: Duration,
    types: PayloadTypes = PayloadTypes()
  ) {
    self.commands = commands
    self.queries = queries
    self.timeout = timeout
    self.types = types
  }
}
