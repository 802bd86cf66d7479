/// A gRPC service that a server offers: its full name and its methods' handlers.
public struct Service: Sendable {
  /// With the package: "evented.EventQuery".
  public let name: String
  /// By the method's own name: "GetEvents".
  public private(set) var methods: [String: Handler]
  /// Whether the service is for callers who prove nothing, such as probes. Their requests are short
  /// (`RPCLimits.strangerMessageBytesMax`) and never compressed, and their calls keep no idle
  /// connection open.
  public let isForStrangers: Bool
  /// Nil: every call may run.
  var admission: (any CallAdmission)?

  public init(_ name: String, isForStrangers: Bool = false, _ methods: [String: Handler]) {
    self.name = name
    self.methods = methods
    self.isForStrangers = isForStrangers
  }

  /// The same service with other handlers.
  func mapHandlers(_ transform: (Method, Handler) -> Handler) -> Service {
    var service = self
    for (name, handler) in methods {
      service.methods[name] = transform(Method(service: self.name, name: name), handler)
    }
    return service
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
