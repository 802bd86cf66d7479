import HTTP2
import NIOCore
import RPC

/// A client's connection, at the server.
final class ServerConnection: Connection {
  let router: Router
  let limits: RPCLimits
  /// The client's address, for logs.
  private(set) var peer = ""

  /// Bytes of all its calls that came and that no handler has yet.
  var unreadBytes = 0

  private var isShuttingDown = false
  private let firstWordTimeout: Duration
  private var firstWordTimer: Scheduled<Void>?
  private var pings: PingAllowance

  init(_ router: Router, _ configuration: RPCServerConfiguration, _ loop: LoopExecutor) {
    self.router = router
    limits = configuration.limits
    firstWordTimeout = configuration.firstWordTimeout
    pings = PingAllowance(
      intervalMin: limits.pingIntervalMin, strikesMax: limits.pingStrikesMax)
    super.init(
      .server, loop, configuration.limits,
      Keepalive(
        interval: configuration.keepaliveInterval, timeout: configuration.keepaliveTimeout,
        asksWhenIdle: true))
  }

  override func start() {
    peer = Address(context?.remoteAddress)?.description ?? "unknown"
    super.start()
    let loop = loop.eventLoop.assumeIsolated()
    firstWordTimer = loop.scheduleTask(in: TimeAmount(firstWordTimeout)) { self.close() }
  }

  override func sessionReceivedSettings() {
    firstWordTimer?.cancel()
    firstWordTimer = nil
  }

  override func sessionReceivedPing() {
    guard pings.isOneTooMany(at: .now, streamFramesSent: session.streamFramesSent) else { return }
    // Clients of gRPC know this word, and ask less often from then on.
    part(.enhanceYourCalm, reason: "too_many_pings")
  }

  override func lost() {
    firstWordTimer?.cancel()
  }

  override func makeStream() -> HTTP2Stream { ServerStream(self) }

  /// Lets the calls in flight end, and closes after the last one.
  ///
  /// Calls may be on their way that the client sent before it hears of this, so the last one is named only
  /// after a round trip (RFC 9113 section 6.8).
  func shutDown() {
    guard !isShuttingDown else { return }
    isShuttingDown = true
    session.announceShutdown()
    session.ping()
  }

  /// Ends the calls in flight, and closes, whether the client takes the last word or not.
  func abort() {
    session.terminate(.noError)
    flush()
    close()
  }

  override func sessionReceivedPingAnswer() {
    if isShuttingDown { session.sendGoAway() }
  }
}
