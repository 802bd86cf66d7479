import EventModel
import JSON
import Payloads
import RPC
import RPCTransport
import SidecarConfiguration
import SidecarRuntime
import Sidecars
import Wire

/// Calls one server's services.
struct Client {
  /// The largest accepted answer. Servers set their own limit; this one is above any likely one.
  private static let answerBytesMax = 64 << 20

  private let channel: HTTP2Channel
  private let deadline: Duration
  private let metadata: Metadata

  /// Connects as the options say, and closes after `body`. Writes what `body` prints, even if it
  /// throws.
  static func with(
    _ options: ClientOptions, default role: Role,
    _ body: (Client, inout StandardOutput) async throws -> Void
  ) async throws {
    try await connected(to: role, options) { client in
      try await StandardOutput.with { try await body(client, &$0) }
    }
  }

  /// As `with`, for a body that prints nothing.
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
        Failure(.refused, "\(status.displayed): \(target) is not a \(role.rawValue)"))
    } catch {
      outcome = .failure(error)
    }
    await channel.close()
    try? await loops.shutdown()
    return try outcome.get()
  }

  /// The server's descriptions of payload types and domains' schemas.
  var payloads: PayloadServer {
    PayloadServer(
      channel, CallOptions(metadata: metadata, deadline: .after(min(deadline, .seconds(5)))))
  }

  /// A unary call.
  func call<Answer: WireDecodable>(
    _ service: String, _ method: String, _ request: some WireEncodable, as: Answer.Type
  ) async throws -> Answer {
    let answer = try await channel.unary(
      Method(service: service, name: method), request.wireBytes,
      CallOptions(metadata: metadata, deadline: .after(deadline)))
    return try decoded(answer)
  }

  /// A server-streaming call; each answer goes to `body`. `isEndless`: runs until interrupted.
  func stream<Answer: WireDecodable>(
    _ service: String, _ method: String, _ request: some WireEncodable, as: Answer.Type,
    isEndless: Bool = false, _ body: (Answer) async throws -> Void
  ) async throws {
    let call = try await channel.serverStreaming(
      Method(service: service, name: method), request.wireBytes,
      CallOptions(metadata: metadata, deadline: isEndless ? .never : .after(deadline)))
    for try await message in call.responses { try await body(decoded(message)) }
  }

  /// A bidirectional call, until either side ends it.
  func exchange(_ service: String, _ method: String) async throws -> ClientCall {
    try await channel.stream(
      Method(service: service, name: method), CallOptions(metadata: metadata, deadline: .never))
  }

  func decoded<Answer: WireDecodable>(_ message: Message) throws -> Answer {
    do { return try Answer(wireBytes: message) } catch {
      throw Failure(.software, "the server sent an unreadable answer: \(error)")
    }
  }
}

extension RPCStatus {
  /// True if the server lacks the whole service, as a server of another role does.
  fileprivate var isOfUnknownService: Bool {
    code == .unimplemented && message.hasPrefix("unknown service")
  }

  fileprivate var displayed: String { "\(self)".displayed }
}
