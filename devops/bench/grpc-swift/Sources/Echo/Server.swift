import GRPCCore
import GRPCNIOTransportHTTP2Posix

/// Serves `Echo` for ever; in the clear where there is no certificate.
func serve(port: Int, certificate: (chain: String, key: String)?) async throws {
  let security: HTTP2ServerTransport.Posix.TransportSecurity =
    if let certificate {
      .tls(
        certificateChain: [.file(path: certificate.chain, format: .pem)],
        privateKey: .file(path: certificate.key, format: .pem))
    } else {
      .plaintext
    }
  let server = GRPCServer(
    transport: .http2NIOPosix(
      address: .ipv4(host: "127.0.0.1", port: port), transportSecurity: security),
    services: [Echo()])
  try await server.serve()
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
