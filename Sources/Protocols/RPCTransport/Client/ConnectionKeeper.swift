import HTTP2
import NIOCore
import NIOPosix
import RPC
import Timing

/// Keeps one server's connection on one event loop: connects on request, and reports to its
/// picker.
///
/// `@unchecked Sendable`: all but the constants is touched only on the loop's thread.
final class ConnectionKeeper: @unchecked Sendable {
  private enum State {
    /// No connection was needed since the last one ended, or since the back-off after a failed
    /// attempt.
    case idle
    /// The attempt's connection, once it has a socket.
    case connecting(ClientConnection?)
    case ready(ClientConnection)
    /// The last attempt failed; the timer allows the next.
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
  /// Why the last attempt failed; nil after a connection, or once no call waits for one.
  private(set) var failure: RPCStatus?
  /// Connections that take no more calls. After the server's GOAWAY they end with their last call.
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

  /// True if an attempt failed and the next is not due.
  var isWaiting: Bool {
    if case .waiting = state { true } else { false }
  }

  /// The connection that takes calls.
  var connection: ClientConnection? {
    if case .ready(let connection) = state { connection } else { nil }
  }

  /// Connects no more. Running calls may continue.
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

  /// Ends running calls with UNAVAILABLE, and connects no more.
  func close() {
    retire()
    for connection in leaving.values { connection.shutDown() }
  }

  // MARK: Reports of a connection

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

  /// Creates sockets, each with a connection of its own: several addresses of a name may be tried
  /// at once.
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
    // The server may have spoken, or left, before this callback.
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
