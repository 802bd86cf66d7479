import CallSecurity
import RPC
import RPCTransport
import SidecarConfiguration
import Synchronization
import Telemetry
import Tracing

/// One channel to each address that the team's code, or another sidecar, listens on.
final class Channels: Sendable {
  private let loops: EventLoops
  private let limits: RPCLimits
  private let sidecarTLS: ClientTLS?
  private let token: PeerToken?
  private let metrics: CallMetrics?
  private let tracer: Tracer?
  private let open = Mutex<[Target: any RPCChannel]>([:])

  private struct Target: Hashable {
    let endpoint: Endpoint
    let isSidecar: Bool
    var isItself = true
  }

  /// - Parameters:
  ///   - sidecarTLS: how calls to other sidecars are secured.
  ///   - token: what other sidecars are shown.
  ///   - metrics: what measures calls; nil: nothing does.
  ///   - tracer: what records calls; nil: nothing does.
  init(
    on loops: EventLoops, limits: RPCLimits, sidecarTLS: ClientTLS?, token: PeerToken?,
    metrics: CallMetrics? = nil, tracer: Tracer? = nil
  ) {
    self.loops = loops
    self.limits = limits
    self.sidecarTLS = sidecarTLS
    self.token = token
    self.metrics = metrics
    self.tracer = tracer
  }

  /// A channel to the team's code. It repeats no call that was seen: command handlers and
  /// subscriptions do, for as long as there is time.
  func channel(to endpoint: Endpoint) -> any RPCChannel {
    channel(Target(endpoint: endpoint, isSidecar: false)) {
      intercepted(connected(to: endpoint, tls: nil), by: observers(of: endpoint))
    }
  }

  /// A channel to another sidecar. It repeats calls, which nobody above it does: those that are
  /// made there (`ProjectorCoordinator.HandleSync`) may come twice.
  ///
  /// - Parameter asItself: whether it shows this process's token. Who calls on behalf of its own
  ///   callers hands on theirs.
  func channel(toSidecar endpoint: Endpoint, asItself: Bool = true) -> any RPCChannel {
    channel(Target(endpoint: endpoint, isSidecar: true, isItself: asItself)) {
      // The configuration is refused where this would keep a token back.
      let isShown = asItself && (sidecarTLS != nil || endpoint.isOnThisMachine)
      let token = isShown ? token : nil
      let interceptors = observers(of: endpoint) + [token].compactMap(\.self)
      return RetryingChannel(
        intercepted(connected(to: endpoint, tls: sidecarTLS), by: interceptors))
    }
  }

  private func observers(of endpoint: Endpoint) -> [any ClientInterceptor] {
    let meter = metrics.map { [$0.client(endpoint)] } ?? []
    let spans = tracer.map { [CallSpans($0, to: endpoint)] } ?? []
    return meter + spans
  }

  private func intercepted(
    _ channel: any RPCChannel, by interceptors: [any ClientInterceptor]
  ) -> any RPCChannel {
    interceptors.isEmpty ? channel : InterceptedChannel(channel, interceptors)
  }

  private func channel(_ target: Target, _ make: () -> any RPCChannel) -> any RPCChannel {
    open.withLock { open in
      if let channel = open[target] { return channel }
      let channel = make()
      open[target] = channel
      return channel
    }
  }

  /// A channel of its own, whose calls are neither measured nor recorded.
  ///
  /// A name may stand for several servers, and for others later; an address is one.
  func connected(to endpoint: Endpoint, tls: ClientTLS?) -> any RPCChannel {
    var configuration = HTTP2ChannelConfiguration()
    configuration.limits = limits
    configuration.tls = tls
    // What was restarted is to be found soon, and few connect to it.
    configuration.backoff.delayMax = .seconds(2)
    let address = Address(endpoint)
    guard let name = HostName(address) else {
      return HTTP2Channel(to: address, configuration, on: loops)
    }
    // Others can answer meanwhile.
    configuration.connectTimeout = .seconds(5)
    var balanced = BalancedChannel.Configuration()
    balanced.channel = configuration
    return BalancedChannel(to: name, balanced, on: loops)
  }

  func close() async {
    for channel in open.withLock({ Array($0.values) }) { await channel.close() }
  }
}

extension CallSpans {
  fileprivate init(_ tracer: Tracer, to endpoint: Endpoint) {
    switch endpoint {
    case .tcp(let host, let port): self.init(tracer, to: host, port: port)
    case .unix(let path): self.init(tracer, to: path, port: nil)
    }
  }
}

extension Address {
  init(_ endpoint: Endpoint) {
    self =
      switch endpoint {
      case .tcp(let host, let port): .tcp(host: host, port: port)
      case .unix(let path): .unix(path: path)
      }
  }
}
