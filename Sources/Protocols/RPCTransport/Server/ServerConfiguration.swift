import RPC

/// What a server may be told beside its services.
public struct RPCServerConfiguration: Sendable {
  public var limits = RPCLimits()
  /// What the server shares with others of the process; nil: it has one of its own, with its
  /// limits.
  public var capacity: ServerCapacity?
  /// After so much silence a client is asked for a sign of life; nil for never.
  public var keepaliveInterval: Duration? = .seconds(120)
  /// How long a client may take to answer, before its connection is closed.
  public var keepaliveTimeout: Duration = .seconds(20)
  /// How long a client may take until its first word of HTTP/2, before its connection is closed.
  public var firstWordTimeout: Duration = .seconds(20)

  /// How connections are secured; nil for not at all.
  public var tls: ServerTLS?

  /// After this time a connection is asked to go, a little sooner or later so that not all go at
  /// once; nil for never. Clients then connect again, and find what is new behind the address.
  public var connectionAgeMax: Duration?
  /// How long the calls on a connection may take that is asked to go, and its client to do so.
  public var connectionAgeGrace: Duration = .seconds(30)
  /// A connection without a call for this time, at least, and for twice that at most, is asked to
  /// go; nil for never. Calls of services for strangers do not count (`Service.isForStrangers`).
  public var connectionIdleMax: Duration?

  public init() {}
}
