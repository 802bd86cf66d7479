import EventModel
import JSON
import Payloads
import RPC
import RPCTransport
import SidecarConfiguration
import SidecarRuntime
import Sidecars
import Wire

/// A caller of one server's services.
struct Client {
  /// The largest answer taken: servers set their own bound, and this one holds for any that a
  /// person may raise it to.
  private static let answerBytesMax = 64 << 20

  private let channel: HTTP2Channel
  private let deadline: Duration
  private let metadata: Metadata

  /// Connects to where the options say, and closes when `body` is done. Writes what `body` puts
  /// out, also if it throws.
  static func with(
    _ options: ClientOptions, default role: Role,
    _ body: (Client, inout StandardOutput) async throws -> Void
  ) async throws {
    try await connected(to: role, options) { client in
      try await StandardOutput.with { try await body(client, &$0) }
    }
  }

  /// As `with`, for a body that puts nothing out.
  static func connected<Result>(
    to role: Role, _ options: ClientOptions, _ body: (Client) async throws -> Result
  ) async throws -> Result {
    let deployment = try await options.deployment()
    let target = try deployment.address(of: role)
    let metadata = try deployment.metadata(for: target)
    var settings = HTTP2ChannelConfiguration()
    settings.tls = try deployment.clientTLS()
    settings.limits.messageBytesMax = answerBytesMax
    let loops = try EventLoops.starting(threads: 1)
    let channel = HTTP2Channel(to: target, settings, on: loops)
    let client = Client(channel: channel, deadline: options.deadline, metadata: metadata)
    let outcome: Swift.Result<Result, any Error>
    do {
      outcome = .success(try await body(client))
    } catch let status as RPCStatus where status.isOfUnknownService {
      outcome = .failure(
        Failure(.refused, "\(status.displayed): \(target) is no \(role.rawValue)"))
    } catch {
      outcome = .failure(error)
    }
    await channel.close()
    try? await loops.shutdown()
    return try outcome.get()
  }

  /// What the server tells of payload types, and of domains' schemas.
  var payloads: PayloadServer {
    PayloadServer(
      channel, CallOptions(metadata: metadata, deadline: .after(min(deadline, .seconds(5)))))
  }

  /// One request, one answer.
  func call<Answer: WireDecodable>(
    _ service: String, _ method: String, _ request: some WireEncodable, as: Answer.Type
  ) async throws -> Answer {
    let answer = try await channel.unary(
      Method(service: service, name: method), request.wireBytes,
      CallOptions(metadata: metadata, deadline: .after(deadline)))
    return try decoded(answer)
  }

  /// One request, many answers, each handed to `body`. `isEndless` is for what goes on until the
  /// person ends it.
  func stream<Answer: WireDecodable>(
    _ service: String, _ method: String, _ request: some WireEncodable, as: Answer.Type,
    isEndless: Bool = false, _ body: (Answer) async throws -> Void
  ) async throws {
    let call = try await channel.serverStreaming(
      Method(service: service, name: method), request.wireBytes,
      CallOptions(metadata: metadata, deadline: isEndless ? .never : .after(deadline)))
    for try await message in call.responses { try await body(decoded(message)) }
  }

  /// A call that goes both ways, until either side ends it.
  func exchange(_ service: String, _ method: String) async throws -> ClientCall {
    try await channel.stream(
      Method(service: service, name: method), CallOptions(metadata: metadata, deadline: .never))
  }

  func decoded<Answer: WireDecodable>(_ message: Message) throws -> Answer {
    do { return try Answer(wireBytes: message) } catch {
      throw Failure(.software, "the server answered what cannot be read: \(error)")
    }
  }
}

extension RPCStatus {
  /// Whether the server does not know the service at all, as one of another role does not.
  fileprivate var isOfUnknownService: Bool {
    code == .unimplemented && message.hasPrefix("unknown service")
  }

  fileprivate var displayed: String { "\(self)".displayed }
}
