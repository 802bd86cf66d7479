import CallSecurity
import Downloads
import HTTPCalls
import RPC
import RPCTransport
import SidecarConfiguration
import Sidecars
import Synchronization
import Telemetry
import Tracing

/// One channel to each address that the team's code, or another sidecar, listens on.
final class Channels: Sendable {
  /// To one server that speaks HTTP/1.1, where each connection carries one call at a time.
  private static let webConnectionsMax = 32

  private let loops: EventLoops
  private let limits: RPCLimits
  private let sidecarTLS: ClientTLS?
  private let webTLS: ClientTLS?
  private let token: PeerToken?
  private let metrics: CallMetrics?
  private let tracer: Tracer?
  private let open = Mutex<[Target: any RPCChannel]>([:])

  private struct Target: Hashable {
    let endpoint: Endpoint
    let isSidecar: Bool
    var isItself = true
    var web: LogicAddress.Web?
  }

  /// - Parameters:
  ///   - sidecarTLS: how calls to other sidecars are secured.
  ///   - webTLS: how calls to logic at `https://` are secured; nil: there is none.
  ///   - token: what other sidecars are shown.
  ///   - metrics: what measures calls; nil: nothing does.
  ///   - tracer: what records calls; nil: nothing does.
  init(
    on loops: EventLoops, limits: RPCLimits, sidecarTLS: ClientTLS?, webTLS: ClientTLS? = nil,
    token: PeerToken?,
    metrics: CallMetrics? = nil, tracer: Tracer? = nil
  ) {
    self.loops = loops
    self.limits = limits
    self.sidecarTLS = sidecarTLS
    self.webTLS = webTLS
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

  /// The same, over whatever is spoken there.
  func channel(to logic: LogicAddress) -> any RPCChannel {
    guard let web = logic.web else { return channel(to: logic.endpoint) }
    return channel(Target(endpoint: logic.endpoint, isSidecar: false, web: web)) {
      let server = WebServer(
        at: Address(logic.endpoint), authority: logic.authority, tls: web.isSecure ? webTLS : nil,
        on: loops, keepingConnections: Self.webConnectionsMax)
      let channel = HTTPChannel(
        to: server, base: web.base, mediaType: AvroFunctionMessages.mediaType,
        answerBytesMax: limits.messageBytesMax)
      return intercepted(channel, by: observers(of: logic.endpoint))
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
    // Few clients reconnect at once, so retry quickly: what comes late is found within 2 s.
    configuration.backoff.delayMax = .milliseconds(500)
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

extension Configuration {
  /// How calls to logic at `https://` are secured: its server is one that the system trusts. Nil:
  /// there is none.
  func webTLS() throws(TransportError) -> ClientTLS? {
    guard domains.contains(where: { $0.logic.web?.isSecure == true }) else { return nil }
    return try ClientTLS(protocols: ["http/1.1"])
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
