import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix
import OutriderClient
import ServiceLifecycle

/// Answers with a status, and `{"error": message}`.
struct WebFailure: Error {
  let status: HTTPResponseStatus
  let message: String

  init(_ status: HTTPResponseStatus, _ message: String) {
    self.status = status
    self.message = message
  }
}

/// A request, all of which has come.
struct WebRequest {
  let head: HTTPRequestHead
  let body: Data

  var path: String { String(head.uri.prefix { $0 != "?" }) }

  /// The header Idempotency-Key: a request that is sent again with it happens once.
  var idempotencyKey: UUID? {
    get throws {
      guard let text = head.headers.first(name: "Idempotency-Key") else { return nil }
      guard let key = UUID(uuidString: text) else {
        throw WebFailure(.badRequest, "Idempotency-Key must be a UUID")
      }
      return key
    }
  }

  func require(_ method: HTTPMethod) throws {
    guard head.method == method else {
      throw WebFailure(.methodNotAllowed, "\(path) takes \(method)")
    }
  }

  func fields<Fields: Decodable>(_ type: Fields.Type) throws -> Fields {
    do { return try JSONDecoder().decode(type, from: body) } catch DecodingError.keyNotFound(
      let key, _)
    {
      throw WebFailure(.badRequest, "\(key.stringValue) is missing")
    } catch {
      let place = (error as? DecodingError)?.place ?? ""
      throw WebFailure(
        .badRequest, place.isEmpty ? "the body must be a JSON object" : "\(place) is wrong")
    }
  }
}

/// A small HTTP server for JSON. What the route throws makes any other answer than 200.
struct Web: Service {
  private static let bodyMax = 64 << 10

  typealias Route = @Sendable (WebRequest) async throws -> any Encodable
  private typealias Peer = NIOAsyncChannel<NIOHTTPServerRequestFull, HTTPServerResponsePart>

  /// `HOST:PORT`.
  let address: String
  let route: Route

  func run() async throws {
    let parts = address.split(separator: ":")
    guard parts.count == 2, let port = Int(parts[1]) else {
      throw WebFailure(.badRequest, "\(address) is no HOST:PORT")
    }
    let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .bind(host: String(parts[0]), port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.configureHTTPServerPipeline()
          // Answers 413 by itself.
          try pipeline.addHandler(NIOHTTPServerRequestAggregator(maxContentLength: Self.bodyMax))
          return try Peer(wrappingChannelSynchronously: channel)
        }
      }
    try await cancelWhenGracefulShutdown {
      try await withThrowingDiscardingTaskGroup { group in
        try await listener.executeThenClose { peers in
          for try await peer in peers {
            // A connection that breaks is its client's affair.
            group.addTask { try? await serve(peer) }
          }
        }
      }
    }
  }

  private func serve(_ peer: Peer) async throws {
    try await peer.executeThenClose { requests, responses in
      for try await request in requests {
        let body = Data(request.body.map { Array($0.readableBytesView) } ?? [])
        let (status, answer) = await answer(WebRequest(head: request.head, body: body))
        var head = HTTPResponseHead(version: request.head.version, status: status)
        head.headers.add(name: "Content-Type", value: "application/json")
        head.headers.add(name: "Content-Length", value: "\(answer.count)")
        try await responses.write(.head(head))
        try await responses.write(.body(.byteBuffer(ByteBuffer(bytes: answer))))
        try await responses.write(.end(nil))
        if !request.head.isKeepAlive { return }
      }
    }
  }

  private func answer(_ request: WebRequest) async -> (HTTPResponseStatus, Data) {
    do { return (.ok, try JSONEncoder().encode(await route(request))) } catch {
      let failure = WebFailure(answering: error)
      if failure.status == .internalServerError {
        print("\(request.head.method) \(request.path) failed: \(error)")
      }
      let answer = try? JSONEncoder().encode(["error": failure.message])
      return (failure.status, answer ?? Data())
    }
  }
}

extension WebFailure {
  /// What a refusal of an aggregate, or a sidecar that is away, is in HTTP.
  fileprivate init(answering error: any Error) {
    switch error {
    case let failure as WebFailure: self = failure
    case let refusal as Refused:
      switch refusal.code {
      case .invalidArgument: self.init(.badRequest, refusal.message)
      case .notFound: self.init(.notFound, refusal.message)
      case .alreadyExists, .failedPrecondition: self.init(.conflict, refusal.message)
      default: self.init(.internalServerError, refusal.message)
      }
    case let conflict as Conflict: self.init(.conflict, conflict.message)
    case let away as Unavailable: self.init(.serviceUnavailable, away.message)
    default: self.init(.internalServerError, "this is our mistake")
    }
  }
}

extension DecodingError {
  /// The field's path.
  fileprivate var place: String {
    switch self {
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context),
      .keyNotFound(_, let context):
      context.codingPath.map(\.stringValue).joined(separator: ".")
    @unknown default: ""
    }
  }
}
