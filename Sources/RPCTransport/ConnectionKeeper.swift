import HTTP2
import NIOCore
import NIOPosix
import RPC

/// Keeps a channel's connection on one event loop: connects when a call needs it, again when it was
/// lost, and holds the calls that wait meanwhile.
///
/// `@unchecked Sendable`: everything but the constants is touched only on the loop's thread.
final class ConnectionKeeper: @unchecked Sendable {
  private enum State {
    /// Nobody needed a connection since the last one.
    case idle
    /// The attempt's connection, once it has a socket.
    case connecting(ClientConnection?)
    case ready(ClientConnection)
    /// The last attempt failed, for this reason; the next one comes with the timer.
    case waiting(RPCStatus, Scheduled<Void>)
    case closed
  }

  let loop: LoopExecutor
  let target: Address
  private let configuration: HTTP2ChannelConfiguration
  var limits: RPCLimits { configuration.limits }
  var requestHeaders: RequestHeaders
  private var backoff: Backoff
  private var state = State.idle
  private var calls: [ObjectIdentifier: ClientStream] = [:]
  /// Connections whose server has said GOAWAY, and that end with their last call.
  private var leaving: [ObjectIdentifier: ClientConnection] = [:]

  init(_ target: Address, _ configuration: HTTP2ChannelConfiguration, _ loop: LoopExecutor) {
    self.target = target
    self.configuration = configuration
    self.loop = loop
    backoff = configuration.backoff
    requestHeaders = RequestHeaders(
      scheme: configuration.tls == nil ? "http" : "https",
      authority: target.named(configuration.hostName).authority)
  }

  /// Opens the call's stream, now or once there is a connection; or ends the call with UNAVAILABLE.
  func start(_ call: ClientStream) {
    switch state {
    case .ready(let connection): call.open(on: connection)
    case .connecting: calls[ObjectIdentifier(call)] = call
    case .idle:
      calls[ObjectIdentifier(call)] = call
      connect()
    case .waiting(let reason, _):
      if call.options.waitForReady {
        calls[ObjectIdentifier(call)] = call
      } else {
        call.end(reason)
      }
    case .closed: call.end(.channelClosed)
    }
  }

  /// The call ended while it waited.
  func forget(_ call: ClientStream) {
    calls[ObjectIdentifier(call)] = nil
  }

  /// Ends every call with UNAVAILABLE, and connects no more.
  func close() {
    let last = state
    state = .closed
    switch last {
    case .ready(let connection): connection.shutDown()
    case .connecting(let connection): connection?.close()
    case .waiting(_, let timer): timer.cancel()
    case .idle, .closed: break
    }
    for connection in leaving.values { connection.shutDown() }
    endCalls(.channelClosed) { _ in true }
  }

  // MARK: What a connection tells

  func connectionIsReady(_ connection: ClientConnection) {
    guard case .connecting(let current) = state, current === connection else { return }
    state = .ready(connection)
    backoff.reset()
    let waiting = calls.values
    calls = [:]
    for call in waiting { call.open(on: connection) }
  }

  func connectionIsLeaving(_ connection: ClientConnection) {
    guard case .ready(let current) = state, current === connection else { return }
    state = .idle
    leaving[ObjectIdentifier(connection)] = connection
  }

  func connectionIsLost(_ connection: ClientConnection) {
    leaving[ObjectIdentifier(connection)] = nil
    switch state {
    case .ready(let current) where current === connection: state = .idle
    case .connecting(let current?) where current === connection:
      let reason = connection.failure.map { ": \($0)" } ?? ""
      attemptFailed(
        RPCStatus(
          .unavailable,
          "\(target) closed the connection before it said a word of HTTP/2\(reason)"))
    default: break
    }
  }

  // MARK: Connecting

  private func connect() {
    state = .connecting(nil)
    let attempt =
      switch target {
      case .tcp(let host, let port): bootstrap.connect(host: host, port: port)
      case .unix(let path): bootstrap.connect(unixDomainSocketPath: path)
      }
    attempt.hop(to: loop.eventLoop).assumeIsolated().whenComplete { [self] result in
      do {
        let pipeline = try result.get().pipeline.syncOperations
        attemptSucceeded(try pipeline.handler(type: ClientConnection.self))
      } catch {
        attemptFailed(RPCStatus(.unavailable, "cannot connect to \(target): \(error)"))
      }
    }
  }

  /// Sockets, each with a connection of its own: of a name's addresses, several may be tried at once.
  var bootstrap: ClientBootstrap {
    ClientBootstrap(group: loop.eventLoop)
      .connectTimeout(TimeAmount(configuration.connectTimeout))
      .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 64 << 10))
      .channelOption(
        .writeBufferWaterMark,
        value: .init(
          low: configuration.limits.socketBufferBytesMax / 2,
          high: configuration.limits.socketBufferBytesMax)
      )
      .channelInitializer { [self] channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          if let tls = configuration.tls {
            try pipeline.addHandler(tls.handler(for: target.named(configuration.hostName)))
          }
          try pipeline.addHandler(ClientConnection(self, configuration))
        }
      }
  }

  private func attemptSucceeded(_ connection: ClientConnection) {
    guard case .connecting = state else { return connection.close() }
    state = .connecting(connection)
    // The server may have spoken, or left, before we heard of the socket.
    if connection.isLost { return connectionIsLost(connection) }
    if connection.isReady { connectionIsReady(connection) }
  }

  private func attemptFailed(_ reason: RPCStatus) {
    guard case .connecting = state else { return }
    var reason = reason
    reason.isNeverProcessed = true
    let delay = backoff.next(random: .random(in: 0...1))
    let timer = loop.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) { [self] in
      guard case .waiting = state else { return }
      if calls.isEmpty { state = .idle } else { connect() }
    }
    state = .waiting(reason, timer)
    endCalls(reason) { !$0.options.waitForReady }
  }

  private func endCalls(_ status: RPCStatus, where isMeant: (ClientStream) -> Bool) {
    for call in calls.values where isMeant(call) {
      calls[ObjectIdentifier(call)] = nil
      call.end(status)
    }
  }
}

extension RPCStatus {
  static let channelClosed = RPCStatus(
    .unavailable, "the channel is closed", isNeverProcessed: true)
}
