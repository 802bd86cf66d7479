/// A gRPC service: its full name and its methods' handlers.
public struct Service: Sendable {
  /// With the package, as in "evented.EventQuery".
  public let name: String
  /// By the method's own name, as in "GetEvents".
  public private(set) var methods: [String: Handler]
  /// True if unauthenticated callers, such as probes, may call. Their requests are short
  /// (`RPCLimits.strangerMessageBytesMax`) and never compressed, and their calls keep no idle
  /// connection open.
  public let isForStrangers: Bool
  /// Nil: all calls are admitted.
  var admission: (any CallAdmission)?

  public init(_ name: String, isForStrangers: Bool = false, _ methods: [String: Handler]) {
    self.name = name
    self.methods = methods
    self.isForStrangers = isForStrangers
  }

  /// The same service with transformed handlers.
  func mapHandlers(_ transform: (Method, Handler) -> Handler) -> Service {
    var service = self
    for (name, handler) in methods {
      service.methods[name] = transform(Method(service: self.name, name: name), handler)
    }
    return service
  }
}

/// The handler of one method, by the messages in each direction.
///
/// A handler runs as a task of its own, on its connection's event loop: it must not block;
/// blocking work belongs on another thread. Its task is cancelled once no caller waits for the
/// answer: the caller cancelled, the deadline passed, or the connection broke.
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
