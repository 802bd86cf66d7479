import NIOCore
import NIOHTTP1
import NIOPosix
import RPCTransport
import Synchronization

/// A pool of connections to one server. Idle ones are reused, most recent first.
final class WebConnections: Sendable {
  /// The longest time that an idle connection stays open.
  private static let idleTimeMax = TimeAmount.seconds(30)
  private static let connectTimeMax = TimeAmount.seconds(10)

  private let address: Address
  private let tls: ClientTLS?
  private let group: MultiThreadedEventLoopGroup
  let areKept: Bool
  private let countMax: Int
  private let state = Mutex(State())

  private struct State {
    /// Connections that are open or being opened.
    var count = 0
    var open: [ObjectIdentifier: any Channel] = [:]
    var idle: [any Channel] = []
    /// Exchanges waiting for a connection.
    var waiting: [WebExchange] = []
    var isClosed = false

    /// The most recent idle connection on this loop, else on any: another loop's answer needs its
    /// thread.
    mutating func nextIdle(preferring loop: (any EventLoop)?) -> (any Channel)? {
      guard let index = idle.lastIndex(where: { $0.eventLoop === loop }) else {
        return idle.popLast()
      }
      return idle.remove(at: index)
    }

    mutating func nextWaiting() -> WebExchange? {
      while !waiting.isEmpty {
        let exchange = waiting.removeFirst()
        if !exchange.isOver { return exchange }
      }
      return nil
    }
  }

  /// - Parameter count: the most connections; nil: one for each request.
  init(
    to address: Address, tls: ClientTLS?, on group: MultiThreadedEventLoopGroup,
    keeping count: Int?
  ) {
    self.address = address
    self.tls = tls
    self.group = group
    areKept = count != nil
    countMax = count ?? .max
  }

  /// The caller's loop, so that an answer needs no other thread.
  var loop: any EventLoop { MultiThreadedEventLoopGroup.currentEventLoop ?? group.next() }

  // MARK: Exchanges

  private enum Step {
    case use(any Channel)
    case connect
    case wait
    case refuse
  }

  /// Sends a request as soon as a connection is available.
  func start(_ exchange: WebExchange) {
    let current = MultiThreadedEventLoopGroup.currentEventLoop
    let step = state.withLock { state -> Step in
      if state.isClosed { return .refuse }
      if let channel = state.nextIdle(preferring: current) { return .use(channel) }
      guard state.count < countMax else {
        state.waiting.append(exchange)
        return .wait
      }
      state.count += 1
      return .connect
    }
    switch step {
    case .use(let channel): send(exchange, on: channel, isReused: true)
    case .connect: open(for: exchange)
    case .wait: break
    case .refuse: exchange.fail(DownloadError(.unreachable, "the process shuts down"))
    }
  }

  private func send(_ exchange: WebExchange, on channel: any Channel, isReused: Bool) {
    guard exchange.begin(on: channel, isReused: isReused) else {
      return areKept ? free(channel) : channel.close(promise: nil)
    }
    channel.writeAndFlush(exchange).whenFailure { [self] error in
      interrupted(exchange, DownloadError(.interrupted, reason(error)))
    }
  }

  private func open(for exchange: WebExchange) {
    let bootstrap = ClientBootstrap(group: loop)
      .connectTimeout(Self.connectTimeMax)
      .channelInitializer { [self] channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try tls?.secure(channel, to: address)
          if areKept { try pipeline.addHandler(IdleStateHandler(allTimeout: Self.idleTimeMax)) }
          try pipeline.addHTTPClientHandlers()
          try pipeline.addHandler(WebExchangeHandler(of: self))
        }
      }
    let connected =
      switch address {
      case .tcp(let host, let port): bootstrap.connect(host: host, port: port)
      case .unix(let path): bootstrap.connect(unixDomainSocketPath: path)
      }
    connected.whenComplete { [self] result in
      switch result {
      case .success(let channel): send(exchange, on: channel, isReused: false)
      case .failure(let error):
        exchange.fail(DownloadError(.unreachable, reason(error)))
        releasePlace()
      }
    }
  }

  /// The connection of an exchange broke before the answer.
  func interrupted(_ exchange: WebExchange, _ error: DownloadError) {
    guard exchange.mayBeRepeated() else { return exchange.fail(error) }
    // A server that closed one idle connection probably closes the others, too.
    let idle = state.withLock { state in
      defer { state.idle = [] }
      return state.idle
    }
    for channel in idle { channel.close(promise: nil) }
    start(exchange)
  }

  // MARK: Connections

  /// Returns a connection for the next request.
  func free(_ channel: any Channel) {
    let (next, isClosed) = state.withLock { state -> (WebExchange?, Bool) in
      if state.isClosed { return (nil, true) }
      if let next = state.nextWaiting() { return (next, false) }
      state.idle.append(channel)
      return (nil, false)
    }
    if isClosed { return channel.close(promise: nil) }
    if let next { send(next, on: channel, isReused: true) }
  }

  func opened(_ channel: any Channel) {
    let isClosed = state.withLock { state in
      state.open[ObjectIdentifier(channel)] = channel
      return state.isClosed
    }
    if isClosed { channel.close(promise: nil) }
  }

  /// Removes a closed connection.
  func closed(_ channel: any Channel) {
    state.withLock { state in
      state.open[ObjectIdentifier(channel)] = nil
      state.idle.removeAll { $0 === channel }
    }
    releasePlace()
  }

  /// Allows another connection to be opened.
  private func releasePlace() {
    let next = state.withLock { state in
      let next = state.nextWaiting()
      if next == nil { state.count -= 1 }
      return next
    }
    if let next { open(for: next) }
  }

  /// Closes all connections; running requests fail.
  func close() {
    let (open, waiting) = state.withLock { state in
      defer { (state.isClosed, state.idle, state.waiting) = (true, [], []) }
      return (Array(state.open.values), state.waiting)
    }
    for channel in open { channel.close(promise: nil) }
    for exchange in waiting {
      exchange.fail(DownloadError(.unreachable, "the process shuts down"))
    }
  }
}
