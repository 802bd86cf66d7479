import HTTP2
import NIOCore
import NIOSSL
import RPC

/// A server's connection to a client.
final class ServerConnection: Connection {
  let router: Router
  let limits: RPCLimits
  /// The client's address, for logs.
  private(set) var peer = ""
  /// The caller by the client's certificate. Set before the first call.
  private(set) var caller = Caller.anonymous

  /// Bytes held by its calls.
  private(set) var heldBytes = 0
  private let memory: MemoryShare
  private var isSocketFull = false

  /// Running calls that keep it from being idle.
  private var busyCalls = 0
  /// Half-periods of the request timeout that have passed while there were streams.
  private(set) var halfTimeouts = 0
  private var overdueTimer: Scheduled<Void>?

  private var isShuttingDown = false
  private let configuration: RPCServerConfiguration
  private var firstWordTimer: Scheduled<Void>?
  private var pings: PingAllowance
  private var ageTimer: Scheduled<Void>?
  private var idleTimer: Scheduled<Void>?
  /// A call began since the idle timer last fired.
  private var hasServed = false

  init(
    _ router: Router, _ configuration: RPCServerConfiguration, _ memory: MemoryShare,
    _ loop: LoopExecutor
  ) {
    self.router = router
    self.memory = memory
    limits = configuration.limits
    self.configuration = configuration
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
    let timeout = TimeAmount(configuration.firstWordTimeout)
    firstWordTimer = loop.scheduleTask(in: timeout) { self.close() }
    startLifetime(on: loop)
  }

  override func sessionReceivedSettings() {
    firstWordTimer?.cancel()
    firstWordTimer = nil
  }

  override func sessionReceivedPing() {
    guard pings.isOneTooMany(at: .now, streamFramesSent: session.streamFramesSent) else { return }
    // gRPC clients know this debug text, and ping less often from then on.
    part(.enhanceYourCalm, reason: "too_many_pings")
  }

  override func secured(_ context: ChannelHandlerContext) {
    caller = Caller(ofConnection: context)
  }

  override func lost() {
    firstWordTimer?.cancel()
    ageTimer?.cancel()
    idleTimer?.cancel()
    overdueTimer?.cancel()
    countSocket(isFull: false)
  }

  override func channelWritabilityChanged(context: ChannelHandlerContext) {
    countSocket(isFull: !context.channel.isWritable)
    super.channelWritabilityChanged(context: context)
  }

  override func makeStream() -> HTTP2Stream {
    if overdueTimer == nil { watchRequests() }
    return ServerStream(self)
  }

  /// Lets running calls end, and closes after the last one.
  ///
  /// The client may have sent calls before this reaches it, so GOAWAY names the last one only
  /// after a round trip (RFC 9113 section 6.8).
  func shutDown() {
    guard !isShuttingDown else { return }
    isShuttingDown = true
    session.announceShutdown()
    session.ping()
  }

  /// Ends running calls, and closes even if the client does not read.
  func abort() {
    session.terminate(.noError)
    flush()
    close()
  }

  override func sessionReceivedPingAnswer() {
    if isShuttingDown { session.sendGoAway() }
  }
}

// Limits on the bytes of a connection's calls.
extension ServerConnection {
  /// Adds bytes held by a call, or subtracts. False if the limit is exceeded.
  func count(_ change: Int) -> Bool {
    heldBytes += change
    guard change > 0 else {
      memory.giveBack(-change)
      return true
    }
    return memory.take(change) && heldBytes <= limits.connectionBytesMax
  }

  func hasRoom(for count: Int) -> Bool {
    heldBytes + count <= limits.connectionBytesMax && memory.hasRoom(for: count)
  }

  /// The status for a call that exceeds the limit by these further bytes.
  func overload(_ more: Int = 0) -> RPCStatus {
    RPCStatus(
      .resourceExhausted,
      heldBytes + more > limits.connectionBytesMax
        ? "the connection's calls hold more than \(limits.connectionBytesMax) bytes"
        : "the server's calls hold as many bytes as they may: try again later")
  }

  private func countSocket(isFull: Bool) {
    guard isFull != isSocketFull else { return }
    isSocketFull = isFull
    if !isFull {
      memory.giveBack(RPCLimits.fullSocketBytes)
    } else if !memory.take(RPCLimits.fullSocketBytes) {
      close()
    }
  }
}

// The age and idleness of a connection.
extension ServerConnection {
  /// Counts a call that keeps the connection from being idle.
  func callBegan() {
    hasServed = true
    busyCalls += 1
  }

  func callEnded() { busyCalls -= 1 }

  /// Checks for overdue requests while there are streams.
  private func watchRequests() {
    guard let timeout = limits.requestTimeout else { return }
    let loop = loop.eventLoop.assumeIsolated()
    overdueTimer = loop.scheduleTask(in: TimeAmount(timeout / 2)) { [self] in
      overdueTimer = nil
      halfTimeouts += 1
      session.forEachStream { ($0 as? ServerStream)?.endIfOverdue(after: timeout) }
      if session.openStreamCount > 0 { watchRequests() }
    }
  }

  private func startLifetime(on loop: NIOIsolatedEventLoop) {
    if let age = configuration.connectionAgeMax {
      // Jitter of a tenth, as in gRPC (proposal A9), so that clients do not reconnect together.
      let jittered = age * Double.random(in: 0.9...1.1)
      ageTimer = loop.scheduleTask(in: TimeAmount(jittered)) { self.retire(on: loop) }
    }
    if let idle = configuration.connectionIdleMax { watch(idle, on: loop) }
  }

  private func retire(on loop: NIOIsolatedEventLoop) {
    shutDown()
    let grace = TimeAmount(configuration.connectionAgeGrace)
    ageTimer?.cancel()
    ageTimer = loop.scheduleTask(in: grace) { self.abort() }
  }

  private func watch(_ idle: Duration, on loop: NIOIsolatedEventLoop) {
    idleTimer = loop.scheduleTask(in: TimeAmount(idle)) { [self] in
      if hasServed || busyCalls > 0 {
        hasServed = false
        watch(idle, on: loop)
      } else {
        retire(on: loop)
      }
    }
  }
}
