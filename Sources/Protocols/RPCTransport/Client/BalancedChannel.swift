import RPC
import Synchronization
import Timing

/// A load-balancing channel: each call goes to one of several ready servers.
///
/// A call waits only while no server is ready, and fails only if none can be reached; meanwhile
/// the channel connects to the others. Addresses are resolved at the first call, then
/// periodically, and soon after a server could not be reached.
public final class BalancedChannel: RPCChannel {
  public enum Policy: Sendable {
    /// All calls go to the first reachable server, until it fails.
    case pickFirst
    /// Calls go to the ready servers in turn.
    case roundRobin
  }

  public struct Configuration: Sendable {
    public var channel = HTTP2ChannelConfiguration()
    public var policy = Policy.roundRobin
    /// The interval of name resolution, and its least interval after a failed connection or an
    /// empty answer.
    public var resolveInterval: Duration = .seconds(30)
    public var resolveIntervalMin: Duration = .seconds(1)
    /// The time limit of calls to a server that is no longer among the addresses.
    public var dropGrace: Duration = .seconds(60)

    public init() {}
  }

  private typealias Resolution = Task<Result<Void, RPCStatus>, Never>

  private struct State {
    /// The last resolution, which may still be running.
    var resolution: Resolution?
    var isResolving = false
    var resolved: ContinuousClock.Instant?
    var hasAddresses = false
    /// True if a connection failed since the last resolution began.
    var hasFailed = false
    var isClosed = false
  }

  private let configuration: Configuration
  private let servers: HTTP2Channel
  private let resolve: @Sendable () async throws(RPCStatus) -> [Address]
  private let state = Mutex(State())

  /// - Parameter resolve: returns the current addresses. If it returns none, or fails, the old
  ///   ones stay.
  public init(
    _ configuration: Configuration = Configuration(), on loops: EventLoops,
    resolve: @escaping @Sendable () async throws(RPCStatus) -> [Address]
  ) {
    self.configuration = configuration
    self.resolve = resolve
    servers = HTTP2Channel(to: [], configuration.policy, configuration.channel, on: loops)
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
    try await haveAddresses(options)
    return try await servers.unary(method, request, options)
  }

  public func stream(
    _ method: Method, _ options: CallOptions
  ) async throws(RPCStatus) -> ClientCall {
    try await haveAddresses(options)
    return try await servers.stream(method, options)
  }

  public func close() async {
    state.withLock { $0.isClosed = true }
    await servers.close()
  }

  /// Returns once there are addresses. A call that waits for ready waits for them, too.
  private func haveAddresses(_ options: CallOptions) async throws(RPCStatus) {
    while let resolution = resolution() {
      do throws(RPCStatus) { return try await outcome(resolution, options.deadline).get() } catch {
        guard options.waitForReady else { throw error }
      }
      try await pause(options.deadline)
    }
  }

  /// The outcome of the resolution, or a timeout: the system's resolver may take arbitrarily long.
  private func outcome(
    _ resolution: Resolution, _ deadline: Deadline
  ) async -> Result<Void, RPCStatus> {
    guard let remaining = deadline.remaining else { return await resolution.value }
    let outcome = await within(remaining) { await resolution.value }
    return outcome ?? .failure(Task.isCancelled ? .taskCancelled : .deadlinePassed)
  }

  private func pause(_ deadline: Deadline) async throws(RPCStatus) {
    let delay = configuration.resolveIntervalMin
    do { try await Task.sleep(for: min(deadline.remaining ?? delay, delay)) } catch {
      throw .taskCancelled
    }
    if deadline.isPast { throw .deadlinePassed }
  }

  /// Starts a resolution if one is due. Returns the last one, unless there are addresses to use.
  @discardableResult
  private func resolution() -> Resolution? {
    state.withLock { state in
      guard !state.isClosed else { return nil }
      let isUrgent = state.hasFailed || !state.hasAddresses
      let interval =
        isUrgent ? configuration.resolveIntervalMin : configuration.resolveInterval
      let isDue = state.resolved.map { $0.duration(to: .now) >= interval } ?? true
      if isDue, !state.isResolving {
        state.isResolving = true
        state.hasFailed = false
        state.resolution = Task { [self] in await refresh() }
      }
      return state.hasAddresses ? nil : state.resolution
    }
  }

  private func refresh() async -> Result<Void, RPCStatus> {
    let result: Result<Void, RPCStatus>
    do throws(RPCStatus) {
      let addresses = try await resolve()
      if addresses.isEmpty { throw .noAddress }
      await servers.replace(by: addresses, grace: configuration.dropGrace) { [weak self] in
        self?.serverFailed()
      }
      result = .success(())
    } catch {
      result = .failure(error)
    }
    state.withLock { state in
      state.resolved = .now
      state.isResolving = false
      if case .success = result { state.hasAddresses = true } else { state.hasFailed = true }
    }
    return result
  }

  private func serverFailed() {
    state.withLock { $0.hasFailed = true }
    resolution()
  }
}

extension RPCStatus {
  fileprivate static let noAddress = RPCStatus(
    .unavailable, "the name has no address", isNeverProcessed: true)
}
