import RPC
import Wire

extension Service {
  /// Adds `grpc.reflection.v1.ServerReflection`, also under its older name of `v1alpha`, to the
  /// services given. It describes all of them; `payloads` answers for other types.
  public static func reflecting(
    _ services: [Service], payloads: PayloadDescriptors? = nil
  ) -> [Service] {
    let packages = ["grpc.reflection.v1", "grpc.reflection.v1alpha"]
    let names = packages.map { "\($0).ServerReflection" }
    let offered = (services.map(\.name) + names).sorted()
    return services + names.map { reflection($0, of: offered, payloads) }
  }

  private static func reflection(
    _ name: String, of offered: [String], _ payloads: PayloadDescriptors?
  ) -> Service {
    Service(
      name, isForStrangers: true,
      [
        "ServerReflectionInfo": .bidirectional { requests, responses, context in
          try await answering {
            for try await request in requests {
              let request = try GRPCReflectionV1.Request(wireBytes: request)
              let answer = try await answer(request.question, offered, payloads, context)
              try await responses.send(GRPCReflectionV1.Response(answer, to: request).wireBytes)
            }
          }
        }
      ])
  }

  private static func answer(
    _ question: GRPCReflectionV1.Request.Question?, _ offered: [String],
    _ payloads: PayloadDescriptors?, _ context: ServerContext
  ) async throws -> GRPCReflectionV1.Response.Answer {
    let own = answer(question, offered)
    guard case .failure(.notFound, _) = own, let question, let payloads
    else { return own }
    do {
      return try await payloads.files(question, for: context).map { .files($0) } ?? own
    } catch let status as RPCStatus {
      return .failure(status.code, status.message)
    }
  }

  private static func answer(
    _ question: GRPCReflectionV1.Request.Question?, _ offered: [String]
  ) -> GRPCReflectionV1.Response.Answer {
    let descriptors = DescriptorSet.own
    switch question {
    case .services: return .services(offered)
    case .file(let name):
      return descriptors.files(named: name).map { .files($0) } ?? .notFound("file \(name)")
    case .symbol(let symbol):
      return descriptors.files(defining: symbol).map { .files($0) } ?? .notFound("symbol \(symbol)")
    case .extension(let type, let number):
      // No type offered here has extensions.
      return .notFound("extension \(number) of \(type)")
    case .extensionNumbers(let type):
      return descriptors.hasMessage(type)
        ? .extensionNumbers(of: type, []) : .notFound("message type \(type)")
    case nil:
      return .failure(.unimplemented, "this question is not known here")
    }
  }
}

extension GRPCReflectionV1.Response.Answer {
  fileprivate static func notFound(_ what: String) -> Self {
    .failure(.notFound, "there is no \(what) here")
  }
}
