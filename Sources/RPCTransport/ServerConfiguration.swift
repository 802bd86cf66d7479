import RPC

/// What a server may be told beside its services.
public struct RPCServerConfiguration: Sendable {
  public var limits = RPCLimits()
  /// After so much silence a client is asked for a sign of life; nil for never.
  public var keepaliveInterval: Duration? = .seconds(120)
  /// How long a client may take to answer, before its connection is closed.
  public var keepaliveTimeout: Duration = .seconds(20)
  /// How long a client may take until its first word of HTTP/2, before its connection is closed.
  public var firstWordTimeout: Duration = .seconds(20)

  public init() {}
}
