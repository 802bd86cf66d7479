import Glibc
import InteropMessages
import RPC
import RPCTransport

/// The server of gRPC's interoperability tests: `interop-server --port=N`.
///
/// Prints where it listens, and serves until it is killed.
@main struct InteropServer {
  static func main() async throws {
    let flags = try Flags(["port": "0", "host": "127.0.0.1", "threads": "2"])
    let server = RPCServer([.test], on: EventLoops(threads: try flags.int("threads")))
    let address = Address.tcp(host: flags["host"], port: try flags.int("port"))
    print("listening on \(try await server.listen(on: address))")
    fflush(nil)
    try await Task.sleep(for: .seconds(1 << 32))
  }
}
