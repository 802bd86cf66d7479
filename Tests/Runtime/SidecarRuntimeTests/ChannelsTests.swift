import RPC
import RPCTransport
import SidecarConfiguration
import Telemetry
import Testing

@testable import SidecarRuntime

@Suite(.timeLimit(.minutes(5))) struct ChannelsTests {
  func withChannels(_ body: (Channels) -> Void) async throws {
    let loops = EventLoops(threads: 1)
    let channels = Channels(on: loops, limits: RPCLimits(), sidecarTLS: nil, token: nil)
    body(channels)
    await channels.close()
    try await loops.shutdown()
  }

  @Test func nameIsBalancedAndAnAddressIsNot() async throws {
    try await withChannels { channels in
      #expect(channels.channel(to: .tcp(host: "logic.shop", port: 1737)) is BalancedChannel)
      for host in ["127.0.0.1", "10.0.0.7", "::1", "localhost"] {
        #expect(channels.channel(to: .tcp(host: host, port: 1737)) is HTTP2Channel)
      }
      #expect(channels.channel(to: .unix(path: "/run/logic")) is HTTP2Channel)
    }
  }

  @Test func callsAreMeasuredOnlyWhereMetricsAre() async throws {
    let loops = EventLoops(threads: 1)
    let channels = Channels(
      on: loops, limits: RPCLimits(), sidecarTLS: nil, token: nil, metrics: CallMetrics())
    #expect(channels.channel(to: .unix(path: "/run/logic")) is InterceptedChannel)
    #expect(channels.channel(toSidecar: .unix(path: "/run/other")) is RetryingChannel)
    await channels.close()
    try await loops.shutdown()
  }

  @Test func onlyCallsToSidecarsAreRepeatedHere() async throws {
    try await withChannels { channels in
      let endpoint = Endpoint.tcp(host: "127.0.0.1", port: 1315)
      #expect(channels.channel(toSidecar: endpoint) is RetryingChannel)
      #expect(channels.channel(to: endpoint) is HTTP2Channel)
    }
  }
}
