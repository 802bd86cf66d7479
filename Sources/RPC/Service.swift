/// A gRPC service that a server offers: its full name and its methods' handlers.
public struct Service: Sendable {
  /// With the package: "evented.EventQuery".
  public let name: String
  /// By the method's own name: "GetEvents".
  public let methods: [String: Handler]

  public init(_ name: String, _ methods: [String: Handler]) {
    self.name = name
    self.methods = methods
  }
}

/// The code behind one method, by how many messages go each way.
///
/// A handler runs as a task of its own, on the event loop of its connection: it must not block,
/// and work that does belongs on a thread of its own. Its task is cancelled once nobody waits for
/// the answer any more: the caller cancelled, the deadline passed, or the connection broke.
///
/// A thrown `RPCStatus` is the call's status. A thrown `CancellationError` becomes CANCELLED. Any
/// other error becomes UNKNOWN, without its text.
public enum Handler: Sendable {
  case unary(@Sendable (Message, ServerContext) async throws -> Message)
  case clientStreaming(@Sendable (RequestStream, ServerContext) async throws -> Message)
  case serverStreaming(@Sendable (Message, ResponseStream, ServerContext) async throws -> Void)
  case bidirectional(
    @Sendable (RequestStream, ResponseStream, ServerContext) async throws -> Void)
}
