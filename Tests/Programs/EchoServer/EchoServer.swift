import RPC
import RPCTransport

/// Answers each request with itself, for measuring: `echo-server ADDRESS [THREADS [CERTIFICATE
/// KEY]]`.
@main struct EchoServer {
  static func main() async throws {
    let arguments = CommandLine.arguments
    let address = try Address(arguments.count > 1 ? arguments[1] : "127.0.0.1:7000")
    FreedMemory.keep()
    let loops = EventLoops(threads: arguments.count > 2 ? Int(arguments[2]) ?? 1 : 1)
    let echo = Service(
      "echo.Echo",
      [
        "Say": .unary { message, _ in message },
        "Chat": .bidirectional { requests, responses, _ in
          for try await message in requests { try await responses.send(message) }
        },
        // As many messages of 100 bytes as the request's bytes say, the highest first.
        "Feed": .serverStreaming { request, responses, _ in
          let message = Message(repeating: 0, count: 100)
          for _ in 0..<request.prefix(4).reduce(0, { $0 << 8 | Int($1) }) {
            try await responses.send(message)
          }
        },
      ])
    var configuration = RPCServerConfiguration()
    if arguments.count > 4 {
      configuration.tls = try ServerTLS(TLSFiles(certificate: arguments[3], key: arguments[4]))
    }
    let server = RPCServer([echo], configuration, on: loops)
    print("listening on \(try await server.listen(on: address))")
    // It runs until it is killed.
    let (forever, continuation) = AsyncStream<Void>.makeStream()
    for await _ in forever {}
    continuation.finish()
  }
}
