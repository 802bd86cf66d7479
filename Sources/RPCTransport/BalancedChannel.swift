import RPC
import Synchronization

/// A channel to several servers that do the same: each call goes to one of them.
///
/// A call that no server has seen goes on to the next, so one that is down costs a moment and no
/// failure. The addresses are asked for at the first call, again now and then, and soon after a
/// server was not to be reached.
public final class BalancedChannel: RPCChannel {
  public enum Policy: Sendable {
    /// All to the first that can be reached; it keeps them until it fails.
    case pickFirst
    /// To one after the other.
    case roundRobin
  }

  public struct Configuration: Sendable {
    public var channel = HTTP2ChannelConfiguration()
    public var policy = Policy.roundRobin
    /// How often the addresses are asked for, and how soon again when a server could not be reached.
    public var resolveInterval: Duration = .seconds(30)
    public var resolveIntervalMin: Duration = .seconds(1)
    /// How long calls may still take to a server that is no longer among the addresses.
    public var dropGrace: Duration = .seconds(60)
    /// The wait before a call that waits for a server tries all of them again.
    public var retryDelay: Duration = .milliseconds(200)

    public init() {}
  }

  private struct State {
    var channels: [HTTP2Channel] = []
    /// Their calls may still go on.
    var dropped: [HTTP2Channel] = []
    /// Where the next call begins.
    var turn = 0
    var resolved: ContinuousClock.Instant?
    var hasFailed = false
    var resolution: Task<Result<Void, RPCStatus>, Never>?
    var isClosed = false
  }

  private let configuration: Configuration
  private let loops: EventLoops
  private let resolve: @Sendable () async throws(RPCStatus) -> [Address]
  private let state = Mutex(State())

  /// - Parameter resolve: gives the addresses, of which there may be other ones each time.
  public init(
    _ configuration: Configuration = Configuration(), on loops: EventLoops,
    resolve: @escaping @Sendable () async throws(RPCStatus) -> [Address]
  ) {
    self.configuration = configuration
    self.loops = loops
    self.resolve = resolve
  }

  public convenience init(
    to name: HostName, _ configuration: Configuration = Configuration(), on loops: EventLoops
  ) {
    var configuration = configuration
    configuration.channel.hostName = name.host
    self.init(configuration, on: loops) { () async throws(RPCStatus) in
      try await name.addresses()
    }
  }

  public func unary(
    _ method: Method, _ request: Message, _ options: CallOptions
  ) async throws(RPCStatus) -> Message {
    try await attempt(options) { (channel, options) async throws(RPCStatus) in
      try await channel.unary(method, request, options)
    }
  }

  public func stream(
    _ method: Method, _ options: CallOptions
  ) async throws(RPCStatus) -> ClientCall {
    try await attempt(options) { (channel, options) async throws(RPCStatus) in
      try await channel.stream(method, options)
    }
  }

  public func close() async {
    let channels = state.withLock { state in
      state.isClosed = true
      defer { (state.channels, state.dropped) = ([], []) }
      return state.channels + state.dropped
    }
    for channel in channels { await channel.close() }
  }

  /// Asks one server after the other, until one has seen the call; over and over if the call waits.
  private func attempt<Answer>(
    _ options: CallOptions,
    _ call: (HTTP2Channel, CallOptions) async throws(RPCStatus) -> Answer
  ) async throws(RPCStatus) -> Answer {
    var once = options
    once.waitForReady = false
    while true {
      var failure: RPCStatus?
      do throws(RPCStatus) {
        for channel in try await order() {
          do throws(RPCStatus) { return try await call(channel, once) } catch {
            guard error.isNeverProcessed, error.code == .unavailable else { throw error }
            failed(channel)
            failure = error
          }
        }
      } catch {
        guard options.waitForReady, error.isNeverProcessed else { throw error }
        failure = error
      }
      guard options.waitForReady, !isClosed else { throw failure ?? .noServer }
      try await pause(options.deadline)
    }
  }

  private var isClosed: Bool { state.withLock { $0.isClosed } }

  private func pause(_ deadline: Deadline) async throws(RPCStatus) {
    let remaining = deadline.remaining ?? configuration.retryDelay
    do { try await Task.sleep(for: min(remaining, configuration.retryDelay)) } catch {
      throw RPCStatus(.cancelled, "the task was cancelled")
    }
    if deadline.isPast { throw .deadlinePassed }
  }

  /// The servers in the order in which this call tries them.
  private func order() async throws(RPCStatus) -> [HTTP2Channel] {
    if let first = resolutionToWaitFor() { try await first.value.get() }
    return state.withLock { state in
      guard !state.channels.isEmpty else { return [] }
      let turn = state.turn % state.channels.count
      if configuration.policy == .roundRobin { state.turn = turn + 1 }
      return Array(state.channels[turn...] + state.channels[..<turn])
    }
  }

  private func failed(_ channel: HTTP2Channel) {
    state.withLock { state in
      state.hasFailed = true
      guard configuration.policy == .pickFirst, !state.channels.isEmpty else { return }
      // Unless another call has moved on already.
      let turn = state.turn % state.channels.count
      if state.channels[turn] === channel { state.turn = turn + 1 }
    }
  }

  /// Begins to ask for the addresses if that is due. A call waits only if there are none yet.
  private func resolutionToWaitFor() -> Task<Result<Void, RPCStatus>, Never>? {
    state.withLock { state in
      let interval =
        state.hasFailed ? configuration.resolveIntervalMin : configuration.resolveInterval
      let isDue = state.resolved.map { $0.duration(to: .now) >= interval } ?? true
      if isDue, state.resolution == nil, !state.isClosed {
        state.resolution = Task { [self] in await refresh() }
      }
      return state.channels.isEmpty ? state.resolution : nil
    }
  }

  private func refresh() async -> Result<Void, RPCStatus> {
    let result: Result<Void, RPCStatus>
    do throws(RPCStatus) {
      replace(by: try await resolve())
      result = .success(())
    } catch {
      result = .failure(error)
    }
    state.withLock { state in
      state.resolved = .now
      state.hasFailed = false
      state.resolution = nil
    }
    return result
  }

  /// Keeps the channels to addresses that stay, so that their connections do.
  private func replace(by addresses: [Address]) {
    let dropped = state.withLock { state -> [HTTP2Channel] in
      guard !state.isClosed else { return [] }
      var old = Dictionary(
        state.channels.map { ($0.target, $0) }, uniquingKeysWith: { first, _ in first })
      var seen: Set<Address> = []
      state.channels = addresses.filter { seen.insert($0).inserted }.map { address in
        old.removeValue(forKey: address)
          ?? HTTP2Channel(to: address, configuration.channel, on: loops)
      }
      state.dropped += old.values
      return Array(old.values)
    }
    for channel in dropped {
      Task {
        try? await Task.sleep(for: configuration.dropGrace)
        if takeDropped(channel) { await channel.close() }
      }
    }
  }

  /// Whether the channel was still to be closed. Nobody else is told so afterwards.
  private func takeDropped(_ channel: HTTP2Channel) -> Bool {
    state.withLock { state in
      let index = state.dropped.firstIndex { $0 === channel }
      if let index { state.dropped.remove(at: index) }
      return index != nil
    }
  }
}

extension RPCStatus {
  fileprivate static let noServer = RPCStatus(
    .unavailable, "the name has no address, or the channel is closed", isNeverProcessed: true)
}
