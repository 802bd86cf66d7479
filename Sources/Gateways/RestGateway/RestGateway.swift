import EventModel
import HTTP1
import JSON
import Payloads
import RPC
import Sidecars
import Timing
import Wire

/// Serves commands, events, projections and the log as HTTP/1.1 resources, in JSON.
///
/// It is stateless: each request makes one or a few calls to the sidecars' gRPC services, with
/// the caller's own credentials.
package final class RestGateway: Sendable {
  let backends: Backends
  let settings: GatewaySettings
  let environment: Environment
  private let types: PayloadTypes
  private let isServing: @Sendable () -> Bool

  /// - Parameters:
  ///   - types: the message types that this process has descriptors for.
  ///   - isServing: the state that `/healthz` reports.
  package init(
    _ backends: Backends, _ settings: GatewaySettings, types: PayloadTypes = PayloadTypes(),
    environment: Environment = .live, isServing: @escaping @Sendable () -> Bool
  ) {
    self.backends = backends
    self.settings = settings
    self.types = types
    self.environment = environment
    self.isServing = isServing
  }

  /// The service for an HTTP server.
  ///
  /// - Parameters:
  ///   - others: routes of other interfaces on the same server.
  ///   - answered: called for each answer with its route's pattern and its status.
  package func service(
    with others: [HTTPRoute] = [],
    answered: @escaping @Sendable (String?, Int) -> Void = { _, _ in }
  ) -> HTTPService {
    let crossOrigin = CrossOrigin(origins: settings.origins)
    let routes = operations
    let description = OpenAPI(routes, version: settings.version).document
    let documents = [
      index(of: routes),
      Operation.get("/openapi.json", "This description, in OpenAPI 3.1.", answers: [.json(200)]) {
        _ in HTTPResponse(json: description)
      },
    ]
    return HTTPService(
      HTTPRouter((documents + routes).map { $0.route(in: self) } + others),
      failed: { error, request in Problem(error).response(to: request) },
      finish: { request, response in crossOrigin.finish(request, &response) },
      answered: { request, status in answered(request?.pattern, status) })
  }

  /// Every operation, in the order of the description.
  private var operations: [Operation] {
    commandOperations + eventOperations + projectionOperations + logOperations
      + envelopeOperations + [healthOperation]
  }

  private var healthOperation: Operation {
    Operation.get(
      "/healthz", "Whether the gateway and what it needs of this process serve.",
      answers: [.json(200), .problem(503)]
    ) { [isServing] _ in
      guard isServing() else { throw HTTPFailure(503, "not serving yet, or not any more") }
      return HTTPResponse(json: ["status": "serving"])
    }
  }

  private func index(of operations: [Operation]) -> Operation {
    let version = settings.version
    let paths = operations.map { JSONValue.string("\($0.method) \($0.path)") }
    return Operation.get("/", "What there is.", answers: [.json(200)]) { _ in
      HTTPResponse(
        json: [
          "service": "outrider", "version": .string(version), "openapi": "/openapi.json",
          "operations": .array(paths),
        ])
    }
  }

  /// The codec for the payloads of a domain.
  func codec(of domain: Name, for call: CallOptions) -> PayloadCodec {
    PayloadCodec(
      domain: domain, types: types, server: PayloadServer(backends.commands(domain), call.briefly))
  }
}

extension CallOptions {
  /// The same options with a shorter deadline, for an auxiliary call.
  fileprivate var briefly: CallOptions {
    var options = self
    options.deadline = min(deadline, .after(.seconds(5)))
    return options
  }
}

/// Settings of a gateway.
package struct GatewaySettings: Sendable {
  /// The executable's version, for the index and the description.
  package var version = ""
  /// Browser pages of these origins may read answers; `*` allows every origin.
  package var origins: [String] = []
  /// The time for a request that sets none.
  package var deadline = Duration.seconds(30)
  /// The most bytes of payloads in one answer of a list. The rest is on the next page.
  package var pageBytesMax = 4 << 20

  package init() {}
}
