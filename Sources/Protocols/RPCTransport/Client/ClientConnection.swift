import HTTP2
import NIOCore
import RPC

/// A client's connection to a server.
final class ClientConnection: Connection {
  let keeper: ConnectionKeeper
  /// True once the server's HTTP/2 settings arrived.
  private(set) var isReady = false
  private var handshakeTimer: Scheduled<Void>?
  private let connectTimeout: Duration
  let limits: RPCLimits

  init(_ keeper: ConnectionKeeper, _ configuration: HTTP2ChannelConfiguration) {
    self.keeper = keeper
    limits = configuration.limits
    connectTimeout = configuration.connectTimeout
    super.init(
      .client, keeper.loop, configuration.limits,
      Keepalive(
        interval: configuration.keepaliveInterval, timeout: configuration.keepaliveTimeout,
        asksWhenIdle: false))
  }

  override func start() {
    super.start()
    handshakeTimer = loop.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(connectTimeout)) {
      self.close()
    }
  }

  override func sessionReceivedSettings() {
    guard !isReady else { return }
    isReady = true
    handshakeTimer?.cancel()
    keeper.connectionIsReady(self)
  }

  override func sessionReceivedGoAway(lastStreamID: Int32, _ code: HTTP2ErrorCode) {
    keeper.connectionIsLeaving(self)
  }

  override func lost() {
    handshakeTimer?.cancel()
    keeper.connectionIsLost(self)
  }

  /// Ends running calls with UNAVAILABLE, and closes.
  func shutDown() {
    session.terminate(.noError)
    flush()
    close()
  }
}
