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

/// One channel for each address of the team's code or of another sidecar.
final class Channels: Sendable {
  /// Connections to one HTTP/1.1 server; each carries one call at a time.
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
  ///   - sidecarTLS: TLS for calls to other sidecars; nil: none.
  ///   - webTLS: TLS for calls to logic at `https://`; nil: there is no such logic.
  ///   - token: the token for other sidecars.
  ///   - metrics: measures calls; nil: no metrics.
  ///   - tracer: records calls; nil: no spans.
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

  /// A channel to the team's code. Never retries a call that was sent: command handlers and
  /// subscriptions do, within their time limits.
  func channel(to endpoint: Endpoint) -> any RPCChannel {
    channel(Target(endpoint: endpoint, isSidecar: false)) {
      intercepted(connected(to: endpoint, tls: nil), by: observers(of: endpoint))
    }
  }

  /// The same for either protocol.
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

  /// A channel to another sidecar. Retries calls, as no layer above does; so a call made here
  /// (`ProjectorCoordinator.HandleSync`) may arrive twice.
  ///
  /// - Parameter asItself: true: adds this process's token. A caller acting for its own callers
  ///   passes their tokens on instead.
  func channel(toSidecar endpoint: Endpoint, asItself: Bool = true) -> any RPCChannel {
    channel(Target(endpoint: endpoint, isSidecar: true, isItself: asItself)) {
      // Where this would withhold a token, the configuration is refused.
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

  /// A channel of its own, without metrics and spans.
  ///
  /// A name may resolve to several servers, and to others later; an address is one server.
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
    // Meanwhile others can answer.
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
  /// TLS for calls to logic at `https://`, verified by the system's CA certificates. Nil if there
  /// is no such logic.
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
