import RPC
import RPCTransport
import Synchronization

/// One channel to each address that the team's code, or another sidecar, listens on.
final class Channels: Sendable {
  private let loops: EventLoops
  private let limits: RPCLimits
  private let sidecarTLS: ClientTLS?
  private let open = Mutex<[Target: HTTP2Channel]>([:])

  private struct Target: Hashable {
    let endpoint: Endpoint
    let isSidecar: Bool
  }

  /// - Parameter sidecarTLS: how calls to other sidecars are secured.
  init(on loops: EventLoops, limits: RPCLimits, sidecarTLS: ClientTLS?) {
    self.sidecarTLS = sidecarTLS
    self.loops = loops
    self.limits = limits
  }

  /// A channel to the team's code, beside us.
  func channel(to endpoint: Endpoint) -> HTTP2Channel {
    channel(Target(endpoint: endpoint, isSidecar: false))
  }

  func channel(toSidecar endpoint: Endpoint) -> HTTP2Channel {
    channel(Target(endpoint: endpoint, isSidecar: true))
  }

  private func channel(_ target: Target) -> HTTP2Channel {
    open.withLock { open in
      if let channel = open[target] { return channel }
      var configuration = HTTP2ChannelConfiguration()
      configuration.limits = limits
      if target.isSidecar { configuration.tls = sidecarTLS }
      let channel = HTTP2Channel(to: Address(target.endpoint), configuration, on: loops)
      open[target] = channel
      return channel
    }
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
