import RPC
import RPCTransport
import Synchronization

/// One channel to each address that the team's code, or another sidecar, listens on.
final class Channels: Sendable {
  private let loops: EventLoops
  private let limits: RPCLimits
  private let open = Mutex<[Endpoint: HTTP2Channel]>([:])

  init(on loops: EventLoops, limits: RPCLimits) {
    self.loops = loops
    self.limits = limits
  }

  func channel(to endpoint: Endpoint) -> HTTP2Channel {
    open.withLock { open in
      if let channel = open[endpoint] { return channel }
      var configuration = HTTP2ChannelConfiguration()
      configuration.limits = limits
      let channel = HTTP2Channel(to: Address(endpoint), configuration, on: loops)
      open[endpoint] = channel
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
