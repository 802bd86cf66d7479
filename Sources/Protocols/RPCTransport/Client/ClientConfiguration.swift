import RPC
import Timing

/// Settings of a channel.
public struct HTTP2ChannelConfiguration: Sendable {
  public var limits = RPCLimits()
  /// Connections to one server on each event loop. Another is opened when the existing ones take
  /// no more calls (gRPC, proposal A105); at the limit, calls wait for one to end.
  public var connectionsMax = 10
  /// The time limit from connecting to the server's first bytes.
  public var connectTimeout: Duration = .seconds(20)
  /// Back-off between attempts to connect: gRPC, `doc/connection-backoff.md`, with a shorter first
  /// delay, because a sidecar often starts just before the logic beside it.
  public var backoff = Backoff(
    from: .milliseconds(100), upTo: .seconds(20), multiplier: 1.6, spread: 0.8...1.2)
  /// The silence during a call after which a PING is sent; nil: never. Other servers close a
  /// connection that pings more often than every five minutes.
  public var keepaliveInterval: Duration? = .seconds(360)
  /// The time limit of the answer to a PING; then the connection is closed.
  public var keepaliveTimeout: Duration = .seconds(20)
  /// Transparent retries of a call that no server has seen. A call that was never sent continues
  /// beyond that, with `backoff` between attempts.
  public var unseenRetriesMax = 4
  /// The host of the target, if that is one of its addresses: the value of `:authority`, and the
  /// name that the server's certificate must have. Nil: the target's own.
  public var hostName: String?

  /// TLS settings; nil: without TLS.
  public var tls: ClientTLS?

  public init() {}
}
