import HTTP2
import NIOCore
import NIOPosix
import RPC
import Timing

/// One server's connection on one event loop: connects when it is told to, and tells its picker
/// what became of it.
///
/// `@unchecked Sendable`: everything but the constants is touched only on the loop's thread.
final class ConnectionKeeper: @unchecked Sendable {
  private enum State {
    /// Nobody needed a connection since the last one, or since the wait after an attempt.
    case idle
    /// The attempt's connection, once it has a socket.
    case connecting(ClientConnection?)
    case ready(ClientConnection)
    /// The last attempt failed; another one may come after the timer.
    case waiting(Scheduled<Void>)
    case closed
  }

  let loop: LoopExecutor
  let target: Address
  private let configuration: HTTP2ChannelConfiguration
  private weak var picker: ConnectionPicker?
  var requestHeaders: RequestHeaders
  private var backoff: Backoff
  private var state = State.idle
  /// Why the last attempt failed; nil once there was a connection, or nobody waited for one any
  /// more.
  private(set) var failure: RPCStatus?
  /// Connections that take no more calls. Those whose server has said GOAWAY end with their last
  /// call.
  private var leaving: [ObjectIdentifier: ClientConnection] = [:]

  init(_ target: Address, _ picker: ConnectionPicker) {
    self.target = target
    self.picker = picker
    loop = picker.loop
    configuration = picker.configuration
    backoff = configuration.backoff
    requestHeaders = RequestHeaders(
      scheme: configuration.tls == nil ? "http" : "https",
      authority: target.named(configuration.hostName).authority)
  }

  var isIdle: Bool {
    if case .idle = state { true } else { false }
  }

  var isConnecting: Bool {
    if case .connecting = state { true } else { false }
  }

  /// Whether an attempt failed, and the next one is not due.
  var isWaiting: Bool {
    if case .waiting = state { true } else { false }
  }

  /// The one that takes calls.
  var connection: ClientConnection? {
    if case .ready(let connection) = state { connection } else { nil }
  }

  /// Connects no more. Calls in flight may go on.
  func retire() {
    let last = state
    state = .closed
    switch last {
    case .ready(let connection): leaving[ObjectIdentifier(connection)] = connection
    case .connecting(let connection): connection?.close()
    case .waiting(let timer): timer.cancel()
    case .idle, .closed: break
    }
  }

  /// Ends the calls in flight with UNAVAILABLE, and connects no more.
  func close() {
    retire()
    for connection in leaving.values { connection.shutDown() }
  }

  // MARK: What a connection tells

  func connectionIsReady(_ connection: ClientConnection) {
    guard case .connecting(let current) = state, current === connection else { return }
    state = .ready(connection)
    failure = nil
    backoff.reset()
    picker?.connectionIsReady(connection)
  }

  func connectionIsLeaving(_ connection: ClientConnection) {
    guard self.connection === connection else { return }
    state = .idle
    leaving[ObjectIdentifier(connection)] = connection
    picker?.connectionIsGone(connection)
  }

  func connectionIsLost(_ connection: ClientConnection) {
    leaving[ObjectIdentifier(connection)] = nil
    switch state {
    case .ready(let current) where current === connection:
      state = .idle
      picker?.connectionIsGone(connection)
    case .connecting(let current?) where current === connection:
      let reason = connection.failure.map { ": \(RPCTransport.reason($0))" } ?? ""
      attemptFailed("\(target) closed the connection before it said a word of HTTP/2\(reason)")
    default: break
    }
  }

  // MARK: Connecting

  func connect() {
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
        attemptFailed("cannot connect to \(target): \(reason(error))")
      }
    }
  }

  /// Sockets, each with a connection of its own: of a name's addresses, several may be tried at
  /// once.
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
          try configuration.tls?.secure(channel, to: target.named(configuration.hostName))
          try channel.pipeline.syncOperations.addHandler(ClientConnection(self, configuration))
        }
      }
  }

  private func attemptSucceeded(_ connection: ClientConnection) {
    guard isConnecting else { return connection.close() }
    state = .connecting(connection)
    // The server may have spoken, or left, before we heard of the socket.
    if connection.isLost { return connectionIsLost(connection) }
    if connection.isReady { connectionIsReady(connection) }
  }

  private func attemptFailed(_ reason: String) {
    guard isConnecting else { return }
    failure = RPCStatus(.unavailable, reason, isNeverProcessed: true)
    let delay = backoff.next(random: .random(in: 0...UInt64.max))
    let timer = loop.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) { [self] in
      guard case .waiting = state else { return }
      state = .idle
      if let picker, picker.hasCalls { picker.connect() } else { failure = nil }
    }
    state = .waiting(timer)
    picker?.attemptFailed(self)
  }
}
