import RPC

/// Settings of a server.
public struct RPCServerConfiguration: Sendable {
  public var limits = RPCLimits()
  /// Limits shared with other servers of the process; nil: a capacity of its own, by its limits.
  public var capacity: ServerCapacity?
  /// The silence after which a client is pinged; nil: never.
  public var keepaliveInterval: Duration? = .seconds(120)
  /// The time limit of the answer to a PING; then the connection is closed.
  public var keepaliveTimeout: Duration = .seconds(20)
  /// The time limit of a client's first HTTP/2 bytes; then the connection is closed.
  public var firstWordTimeout: Duration = .seconds(20)

  /// TLS settings; nil: without TLS.
  public var tls: ServerTLS?

  /// The age at which a connection is asked to close, with jitter so that not all close at once;
  /// nil: never. Clients reconnect, and so notice changes behind the address.
  public var connectionAgeMax: Duration?
  /// The time limit of the calls on such a connection, and of its client.
  public var connectionAgeGrace: Duration = .seconds(30)
  /// The idle time after which a connection is asked to close, at least, and at most twice that;
  /// nil: never. Calls of services for unauthenticated callers do not count
  /// (`Service.isForStrangers`).
  public var connectionIdleMax: Duration?

  public init() {}
}
