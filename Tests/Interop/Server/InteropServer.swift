import Glibc
import InteropMessages
import RPC
import RPCTransport
import UnixSignals

/// The server of gRPC's interoperability tests: `interop-server --port=N`.
///
/// Prints where it listens, and serves until SIGTERM.
@main struct InteropServer {
  static func main() async throws {
    let flags = try Flags(["port": "0", "host": "127.0.0.1", "threads": "2"])
    let signals = await UnixSignalsSequence(trapping: .sigterm)
    let loops = EventLoops(threads: try flags.int("threads"))
    let server = RPCServer([.test], on: loops)
    let address = Address.tcp(host: flags["host"], port: try flags.int("port"))
    print("listening on \(try await server.listen(on: address))")
    fflush(nil)
    for await _ in signals { break }
    await server.shutdown(grace: .seconds(1))
    try await loops.shutdown()
  }
}
