import HTTP2
import NIOCore
import NIOSSL
import RPC

/// A client's connection, at the server.
final class ServerConnection: Connection {
  let router: Router
  let limits: RPCLimits
  /// The client's address, for logs.
  private(set) var peer = ""
  /// Whom its certificate names. Settled before the first call.
  private(set) var caller = Caller.anonymous

  /// Bytes that its calls hold.
  private(set) var heldBytes = 0
  private let memory: MemoryShare
  private var isSocketFull = false

  /// Calls in flight that keep it from being idle.
  private var busyCalls = 0
  /// How often half of the time for a request has passed while there were streams.
  private(set) var halfTimeouts = 0
  private var overdueTimer: Scheduled<Void>?

  private var isShuttingDown = false
  private let configuration: RPCServerConfiguration
  private var firstWordTimer: Scheduled<Void>?
  private var pings: PingAllowance
  private var ageTimer: Scheduled<Void>?
  private var idleTimer: Scheduled<Void>?
  /// A call came since the idle timer last fired.
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
    // Clients of gRPC know this word, and ask less often from then on.
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

  /// Lets the calls in flight end, and closes after the last one.
  ///
  /// Calls may be on their way that the client sent before it hears of this, so the last one is
  /// named only after a round trip (RFC 9113 section 6.8).
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

// How much a connection's calls may hold.
extension ServerConnection {
  /// Counts bytes that a call holds from now on, or no more. False if they are more than there may
  /// be.
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

  /// What a call is told that there is no room for, with so many bytes more.
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

// How long a connection lives.
extension ServerConnection {
  /// A call began that keeps the connection from being idle.
  func callBegan() {
    hasServed = true
    busyCalls += 1
  }

  func callEnded() { busyCalls -= 1 }

  /// Looks for requests that are overdue, for as long as there are streams.
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
      // A tenth either way, as gRPC has it (proposal A9), so that clients do not come back
      // together.
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
