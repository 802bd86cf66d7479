import RPC
import Synchronization
import Timing

/// A channel to several servers that do the same: each call goes to one of them that is ready.
///
/// A call waits only while no server is ready, and fails only when none can be reached; servers
/// that are not ready are connected to meanwhile. The addresses are asked for at the first call,
/// again now and then, and soon after a server was not to be reached.
public final class BalancedChannel: RPCChannel {
  public enum Policy: Sendable {
    /// All to the first that can be reached, one being tried after the other; it keeps them until
    /// it fails.
    case pickFirst
    /// To one after the other, of those that are ready.
    case roundRobin
  }

  public struct Configuration: Sendable {
    public var channel = HTTP2ChannelConfiguration()
    public var policy = Policy.roundRobin
    /// How often the addresses are asked for, and how soon again when a server could not be
    /// reached, or there were none.
    public var resolveInterval: Duration = .seconds(30)
    public var resolveIntervalMin: Duration = .seconds(1)
    /// How long calls may still take to a server that is no longer among the addresses.
    public var dropGrace: Duration = .seconds(60)

    public init() {}
  }

  private typealias Resolution = Task<Result<Void, RPCStatus>, Never>

  private struct State {
    /// The last one, which may still go on.
    var resolution: Resolution?
    var isResolving = false
    var resolved: ContinuousClock.Instant?
    var hasAddresses = false
    /// Since the last resolution began.
    var hasFailed = false
    var isClosed = false
  }

  private let configuration: Configuration
  private let servers: HTTP2Channel
  private let resolve: @Sendable () async throws(RPCStatus) -> [Address]
  private let state = Mutex(State())

  /// - Parameter resolve: gives the addresses, of which there may be other ones each time. If there
  ///   are none, or it fails, the old ones stay.
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

  /// Returns once there are addresses. A call that waits for a server waits for them, too.
  private func haveAddresses(_ options: CallOptions) async throws(RPCStatus) {
    while let resolution = resolution() {
      do throws(RPCStatus) { return try await outcome(resolution, options.deadline).get() } catch {
        guard options.waitForReady else { throw error }
      }
      try await pause(options.deadline)
    }
  }

  /// What the resolution comes to, or that time is up before it has: the system may ask its name
  /// servers for as long as it likes.
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

  /// Begins to ask for the addresses if that is due. Returns the last time that this was done,
  /// unless there are addresses to go on with.
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
