import NIOPosix
import RPC
import RPCTransport

/// Threads for all the tests of this target: two, so that work really crosses from one to the
/// other.
let loops = EventLoops(MultiThreadedEventLoopGroup.singleton)

/// A server with these services on a free port and a channel to it, for as long as the body runs.
func withServer(
  _ services: [Service], _ configuration: RPCServerConfiguration = RPCServerConfiguration(),
  client: HTTP2ChannelConfiguration = HTTP2ChannelConfiguration(),
  at address: Address = .tcp(host: "127.0.0.1", port: 0), on serverLoops: EventLoops = loops,
  _ body: (HTTP2Channel, Address, RPCServer) async throws -> Void
) async throws {
  let server = RPCServer(services, configuration, on: serverLoops)
  let address = try await server.listen(on: address)
  let channel = HTTP2Channel(to: address, client, on: loops)
  do {
    try await body(channel, address, server)
  } catch {
    await channel.close()
    await server.shutdown(grace: .zero)
    throw error
  }
  await channel.close()
  await server.shutdown(grace: .zero)
}

func unsharedPath() -> String {
  "/tmp/outrider-test-\(UInt64.random(in: 0...UInt64.max)).sock"
}

extension Address {
  /// One that nobody takes while no server listens there, as may happen to a port.
  static var unshared: Address { .unix(path: unsharedPath()) }
}

/// The status that a call ends with.
func status(of call: () async throws(RPCStatus) -> Void) async -> RPCStatus {
  do { try await call() } catch { return error }
  return .ok
}

func method(_ name: String) -> RPC.Method { Method(service: "test.Test", name: name) }

func service(_ name: String, _ handler: Handler) -> [Service] {
  [Service("test.Test", [name: handler])]
}

/// Something that happens once, and that a test waits for instead of sleeping.
struct Signal: Sendable {
  private let stream: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation

  init() {
    (stream, continuation) = AsyncStream.makeStream()
  }

  func happen() { continuation.finish() }

  /// Returns once it has happened; throws if the waiting task is cancelled before.
  func wait() async throws {
    for await _ in stream {}
    try Task.checkCancellation()
  }
}

/// Suspends until the task is cancelled, and throws what a cancelled handler throws.
func waitForCancellation() async throws -> Never {
  let (stream, continuation) = AsyncStream<Void>.makeStream()
  for await _ in stream {}
  continuation.finish()
  throw CancellationError()
}
