import RPC
import Timing

/// What a channel may be told beside its target.
public struct HTTP2ChannelConfiguration: Sendable {
  public var limits = RPCLimits()
  /// Connections to one server on each event loop. Another one is opened when those that there are
  /// take no more calls (gRPC, proposal A105); calls wait for one to end once there are so many.
  public var connectionsMax = 10
  /// How long a connection may take until the server's first word.
  public var connectTimeout: Duration = .seconds(20)
  /// The waits between attempts to connect: gRPC, `doc/connection-backoff.md`, with a shorter first
  /// delay, because a sidecar often starts a moment before the logic beside it.
  public var backoff = Backoff(
    from: .milliseconds(100), upTo: .seconds(20), multiplier: 1.6, spread: 0.8...1.2)
  /// After so much silence during a call the server is asked for a sign of life; nil for never.
  /// Servers of other makes close a connection that asks more often than every five minutes.
  public var keepaliveInterval: Duration? = .seconds(360)
  /// How long the server may take to answer, before the connection is closed.
  public var keepaliveTimeout: Duration = .seconds(20)
  /// How often a call that no server has seen is sent again by itself. One that never left goes on
  /// after that, with `backoff` between its tries.
  public var unseenRetriesMax = 4
  /// The host that is meant, where the target is but one of its addresses: what `:authority` says,
  /// and whom the server's certificate must be for. Nil: the target's own.
  public var hostName: String?

  /// How connections are secured; nil for not at all.
  public var tls: ClientTLS?

  public init() {}
}
