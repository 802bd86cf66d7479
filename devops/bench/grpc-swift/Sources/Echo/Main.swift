/// What `Tests/EchoServer` and `Tests/EchoClient` do, on grpc-swift-2:
///
///     grpc-swift-echo server PORT [CERTIFICATE KEY]
///     grpc-swift-echo client PORT CONNECTIONS IN-FLIGHT SECONDS
@main struct Main {
  static func main() async throws {
    let arguments = CommandLine.arguments
    let numbers = arguments.dropFirst(2).compactMap { Int($0) }
    switch (arguments.dropFirst().first, arguments.count) {
    case ("server", 3): try await serve(port: numbers[0], certificate: nil)
    case ("server", 5): try await serve(port: numbers[0], certificate: (arguments[3], arguments[4]))
    case ("client", 6):
      try await load(
        port: numbers[0], connections: numbers[1], inFlight: numbers[2], seconds: numbers[3])
    default: print("usage: grpc-swift-echo server|client PORT ...")
    }
  }
}
