import RPCTransport
import Testing

@testable import Telemetry

@Suite(.timeLimit(.minutes(5))) struct MetricsServerTests {
  /// Nobody else takes ports of this address.
  private let host = "127.0.73.1"

  @Test func portInUseIsNamed() async throws {
    let loops = EventLoops(threads: 1)
    let first = MetricsServer(on: loops, tls: nil) { "" }
    let address = try await first.listen(host: host, port: 0)
    guard case .tcp(_, let port) = address else {
      Issue.record("no port: \(address)")
      return
    }
    let second = MetricsServer(on: loops, tls: nil) { "" }
    let error = await #expect(throws: TransportError.self) {
      try await second.listen(host: host, port: port)
    }
    #expect(error?.kind == .addressInUse)
    await first.close()
    let third = MetricsServer(on: loops, tls: nil) { "" }
    #expect(try await onceFree(port, of: third) == address)
    await third.close()
    try await loops.shutdown()
  }

  /// A process that another test forks has a closed socket, too, until it runs its own program.
  private func onceFree(_ port: Int, of server: MetricsServer) async throws -> Address {
    while true {
      do throws(TransportError) { return try await server.listen(host: host, port: port) } catch {
        guard error.kind == .addressInUse else { throw error }
        await Task.yield()
      }
    }
  }
}
