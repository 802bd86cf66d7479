import EventModel
import Payloads
import RPC

/// The calls that one client's requests lead to, made in its name.
struct EventuateCalls: Sendable {
  let backends: EventuateBackends
  let caller: Caller

  /// Asks the domain's command-handler.
  func command(
    _ method: Method, _ request: Message, on domain: Name
  ) async throws(RPCStatus) -> Message {
    try await backends.commands(domain).unary(method, request, options)
  }

  /// Asks a query-handler.
  func query(
    _ method: Method, _ request: Message, on domain: Name
  ) async throws(RPCStatus) -> Message {
    try await backends.queries(domain).unary(method, request, options)
  }

  /// Reads many answers from a query-handler.
  ///
  /// - Parameter isEndless: the call lasts until it is cancelled.
  func read(
    _ method: Method, _ request: Message, on domain: Name, isEndless: Bool = false
  ) async throws(RPCStatus) -> ClientCall {
    try await backends.queries(domain).serverStreaming(
      method, request, isEndless ? endlessOptions : options)
  }

  /// Opens a call with streams both ways at a query-handler.
  func stream(_ method: Method, on domain: Name) async throws(RPCStatus) -> ClientCall {
    try await backends.queries(domain).stream(method, endlessOptions)
  }

  /// Who knows what the domain's payloads are.
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

/// The sidecars that Eventuate's clients are served from. Their channels decide what each caller
/// may do.
package struct EventuateBackends: Sendable {
  let commands: @Sendable (Name) -> any RPCChannel
  let queries: @Sendable (Name) -> any RPCChannel
  let timeout: Duration
  /// Of messages that descriptors of this process describe.
  let types: PayloadTypes

  /// - Parameters:
  ///   - commands: a way to the domain's command-handler.
  ///   - queries: a way to a query-handler that serves the domain.
  ///   - timeout: for each call that does not last as long as its client likes.
  ///   - types: of messages that descriptors of this process describe.
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
