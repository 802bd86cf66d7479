import HTTP2
import NIOCore
import NIOTLS
import RPC

/// Connects a socket's bytes to an HTTP/2 session.
///
/// A peer's protocol error ends only this connection. Subclasses are the client's and the server's
/// end. Everything happens on the loop's thread.
class Connection: ChannelInboundHandler, HTTP2SessionDelegate {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// Sizes of one write to the socket: the usual one, and the limit for large ones, since each
  /// write is a system call.
  private static let writeBytes = (usual: 64 << 10, max: RPCLimits.fullSocketBytes)

  let loop: LoopExecutor
  let session: HTTP2Session
  private(set) var context: ChannelHandlerContext?
  /// True once either side closed the socket.
  private(set) var isLost = false

  private var buffer = ByteBuffer()
  private var isDirty = false
  private var isBroken = false
  /// The error below HTTP/2.
  private(set) var failure: (any Error)?
  /// The queued bytes are the last for the peer.
  private var isParting = false
  private var keepalive: Keepalive
  private var keepaliveTimer: Scheduled<Void>?

  init(
    _ role: HTTP2Session.Role, _ loop: LoopExecutor, _ limits: RPCLimits, _ keepalive: Keepalive
  ) {
    self.loop = loop
    self.keepalive = keepalive
    session = HTTP2Session(role, HTTP2Configuration(limits))
    session.delegate = self
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if context.channel.isActive { start() }
  }

  /// A socket that never connected gets no `channelInactive`, and the context retains this
  /// handler.
  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
  }

  func channelActive(context: ChannelHandlerContext) {
    start()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    loop.beginRead()
    keepalive.heard()
    guard !isBroken else { return }
    let bytes = unwrapInboundIn(data)
    do {
      try bytes.withUnsafeReadableBytes { (bytes) throws(HTTP2Error) in try session.receive(bytes) }
    } catch {
      // Not HTTP/2, for example HTTP/1.1. Send nothing in a protocol that the peer does not speak.
      isBroken = true
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    sessionHasOutput()
    loop.pass()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { sessionHasOutput() }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    failure = failure ?? error
    close()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .handshakeCompleted(let name)? = event as? TLSUserEvent {
      // RFC 9113 section 3.2: both sides must have agreed on "h2".
      if name == "h2" { secured(context) } else { close() }
    }
    context.fireUserInboundEventTriggered(event)
  }

  func channelInactive(context: ChannelHandlerContext) {
    isLost = true
    self.context = nil
    keepaliveTimer?.cancel()
    session.close(.cancel)
    lost()
    loop.pass()
  }

  /// Sends pending bytes, as far as the socket takes them, and closes after the last.
  func flush() {
    isDirty = false
    guard let context else { return }
    if !isBroken { write(context) }
    if isBroken || isParting || session.isFinished { close() }
  }

  /// Sends GOAWAY, and closes once it is written to the socket.
  final func part(_ code: HTTP2ErrorCode, reason: StaticString) {
    session.sendGoAway(code, reason: reason)
    isParting = true
  }

  /// Closes the socket. `channelInactive` then ends the session.
  final func close() {
    context?.close(mode: .all, promise: nil)
  }

  /// The socket is open.
  func start() {
    scheduleKeepalive(keepalive.interval)
    sessionHasOutput()
  }

  // Hooks for subclasses.

  /// The TLS handshake is complete.
  func secured(_ context: ChannelHandlerContext) {}
  /// The connection is lost, and all its streams are closed.
  func lost() {}
  func makeStream() -> HTTP2Stream { HTTP2Stream() }
  func sessionReceivedSettings() {}
  func sessionReceivedGoAway(lastStreamID: Int32, _ code: HTTP2ErrorCode) {}
  func sessionReceivedPing() {}
  func sessionReceivedPingAnswer() {}

  final func sessionHasOutput() {
    guard !isDirty, !isLost else { return }
    isDirty = true
    loop.flushLater(self)
  }

  private func write(_ context: ChannelHandlerContext) {
    while context.channel.isWritable, let bytes = nextOutput() {
      context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }
  }

  /// The next piece for the socket. Large pieces are passed as they are; small ones are copied to
  /// a buffer of their size, which may stay for as long as the peer does not read.
  private func nextOutput() -> ByteBuffer? {
    loop.staging.clear(minimumCapacity: 2 * Self.writeBytes.usual)
    loop.staging.writeWithUnsafeMutableBytes(minimumWritableBytes: 0) { memory in
      loop.output.fill(memory) {
        do {
          try session.drain(into: loop.output, atLeast: Self.writeBytes.max)
        } catch {
          isBroken = true
        }
      }
    }
    if loop.output.count > 0 { loop.output.take { _ = loop.staging.writeBytes($0) } }
    if loop.staging.readableBytes == 0 { return nil }
    if loop.staging.readableBytes >= Self.writeBytes.usual / 2 { return loop.staging }
    buffer.clear()
    buffer.writeImmutableBuffer(loop.staging)
    return buffer
  }

  private func scheduleKeepalive(_ delay: Duration?) {
    guard let delay else { return }
    keepaliveTimer = loop.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) {
      self.keepaliveIsDue()
    }
  }

  private func keepaliveIsDue() {
    switch keepalive.timerFired(hasStreams: session.openStreamCount > 0) {
    case .wait(let delay): scheduleKeepalive(delay)
    case .ping(let delay):
      session.ping()
      scheduleKeepalive(delay)
    case .giveUp: close()
    }
  }
}
