import Glibc
import InteropMessages
import RPC
import RPCTransport
import UnixSignals

/// The server of gRPC's interoperability tests: `interop-server --port=N`, with
/// `--use_tls=true --tls_cert_file=FILE --tls_key_file=FILE` over TLS.
///
/// Prints where it listens, and serves until SIGTERM.
@main struct InteropServer {
  static func main() async throws {
    let flags = try Flags([
      "port": "0", "host": "127.0.0.1", "threads": "2", "resets_each_second": "33",
      "use_tls": "false", "tls_cert_file": "", "tls_key_file": "",
    ])
    let signals = await UnixSignalsSequence(trapping: .sigterm)
    let loops = EventLoops(threads: try flags.int("threads"))
    var configuration = RPCServerConfiguration()
    // A client that cancels for ever, as that of the soak does, would be shown the door.
    configuration.limits.resetsEachSecond = try flags.int("resets_each_second")
    configuration.limits.resetBurst = max(
      configuration.limits.resetBurst, configuration.limits.resetsEachSecond)
    if flags["use_tls"] == "true" {
      configuration.tls = try ServerTLS(
        TLSFiles(certificate: flags["tls_cert_file"], key: flags["tls_key_file"]))
    }
    let server = RPCServer([.test], configuration, on: loops)
    let address = Address.tcp(host: flags["host"], port: try flags.int("port"))
    print("listening on \(try await server.listen(on: address))")
    fflush(nil)
    for await _ in signals { break }
    await server.shutdown(grace: .seconds(1))
    try await loops.shutdown()
  }
}
