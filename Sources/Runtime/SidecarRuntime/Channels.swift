import CallSecurity
import RPC
import RPCTransport
import SidecarConfiguration
import Synchronization
import Telemetry

/// One channel to each address that the team's code, or another sidecar, listens on.
final class Channels: Sendable {
  private let loops: EventLoops
  private let limits: RPCLimits
  private let sidecarTLS: ClientTLS?
  private let token: PeerToken?
  private let metrics: CallMetrics?
  private let open = Mutex<[Target: any RPCChannel]>([:])

  private struct Target: Hashable {
    let endpoint: Endpoint
    let isSidecar: Bool
  }

  /// - Parameters:
  ///   - sidecarTLS: how calls to other sidecars are secured.
  ///   - token: what other sidecars are shown.
  ///   - metrics: what measures calls; nil: nothing does.
  init(
    on loops: EventLoops, limits: RPCLimits, sidecarTLS: ClientTLS?, token: PeerToken?,
    metrics: CallMetrics? = nil
  ) {
    self.loops = loops
    self.limits = limits
    self.sidecarTLS = sidecarTLS
    self.token = token
    self.metrics = metrics
  }

  /// A channel to the team's code. It repeats no call that was seen: command handlers and
  /// subscriptions do, for as long as there is time.
  func channel(to endpoint: Endpoint) -> any RPCChannel {
    channel(Target(endpoint: endpoint, isSidecar: false)) {
      intercepted(connected(to: endpoint, tls: nil), by: meter(of: endpoint))
    }
  }

  /// A channel to another sidecar. It repeats calls, which nobody above it does: those that are
  /// made there (`ProjectorCoordinator.HandleSync`) may come twice.
  func channel(toSidecar endpoint: Endpoint) -> any RPCChannel {
    channel(Target(endpoint: endpoint, isSidecar: true)) {
      // The configuration is refused where this would keep a token back.
      let token = sidecarTLS != nil || endpoint.isOnThisMachine ? token : nil
      let interceptors = meter(of: endpoint) + [token].compactMap(\.self)
      return RetryingChannel(
        intercepted(connected(to: endpoint, tls: sidecarTLS), by: interceptors))
    }
  }

  private func meter(of endpoint: Endpoint) -> [any ClientInterceptor] {
    metrics.map { [$0.client(endpoint)] } ?? []
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

  /// A name may stand for several servers, and for others later; an address is one.
  private func connected(to endpoint: Endpoint, tls: ClientTLS?) -> any RPCChannel {
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

extension Address {
  init(_ endpoint: Endpoint) {
    self =
      switch endpoint {
      case .tcp(let host, let port): .tcp(host: host, port: port)
      case .unix(let path): .unix(path: path)
      }
  }
}
