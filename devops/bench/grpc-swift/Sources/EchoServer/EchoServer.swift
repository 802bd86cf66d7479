import GRPCCore
import GRPCNIOTransportHTTP2Posix

/// What `Tests/EchoServer` does, on grpc-swift-2: `grpc-swift-echo PORT`.
@main struct EchoServer {
  static func main() async throws {
    let port = Int(CommandLine.arguments.dropFirst().first ?? "") ?? 7000
    let server = GRPCServer(
      transport: .http2NIOPosix(
        address: .ipv4(host: "127.0.0.1", port: port), transportSecurity: .plaintext),
      services: [Echo()])
    try await server.serve()
  }
}

struct Echo: RegistrableRPCService {
  func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    let service = ServiceDescriptor(fullyQualifiedService: "echo.Echo")
    router.registerHandler(
      forMethod: MethodDescriptor(service: service, method: "Say"), deserializer: Raw(),
      serializer: Raw()
    ) { request, _ in
      // As generated code has it.
      let request = try await ServerRequest(stream: request)
      return StreamingServerResponse(single: ServerResponse(message: request.message))
    }
    router.registerHandler(
      forMethod: MethodDescriptor(service: service, method: "Chat"), deserializer: Raw(),
      serializer: Raw()
    ) { request, _ in
      StreamingServerResponse { writer in
        for try await message in request.messages { try await writer.write(message) }
        return [:]
      }
    }
    router.registerHandler(
      forMethod: MethodDescriptor(service: service, method: "Feed"), deserializer: Raw(),
      serializer: Raw()
    ) { request, _ in
      StreamingServerResponse { writer in
        for try await wanted in request.messages {
          let message = [UInt8](repeating: 0, count: 100)
          for _ in 0..<wanted.reduce(0, { $0 << 8 | Int($1) }) { try await writer.write(message) }
        }
        return [:]
      }
    }
  }
}

/// Messages as they are, so that what is measured is the server, not a codec.
struct Raw: MessageSerializer, MessageDeserializer {
  func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes { Bytes(message) }
  func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> [UInt8] {
    bytes.withUnsafeBytes { Array($0) }
  }
}
