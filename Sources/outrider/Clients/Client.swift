import EventModel
import JSON
import RPC
import RPCTransport
import SidecarRuntime
import Sidecars
import Wire

/// A caller of one server's services.
struct Client {
  private let channel: HTTP2Channel
  private let deadline: Duration
  private let metadata: Metadata

  /// Connects to where the options say, and closes when `body` is done. What `body` puts out is
  /// written, also where it throws.
  static func with(
    _ options: ClientOptions, default role: Role,
    _ body: (Client, inout StandardOutput) async throws -> Void
  ) async throws {
    let deployment = try options.deployment()
    let target = try deployment.address(of: role)
    let metadata = try deployment.metadata(for: target)
    var settings = HTTP2ChannelConfiguration()
    settings.tls = try deployment.clientTLS()
    let loops = EventLoops(threads: 1)
    let channel = HTTP2Channel(to: target, settings, on: loops)
    let client = Client(channel: channel, deadline: options.deadline, metadata: metadata)
    let outcome: Result<Void, any Error>
    do {
      outcome = .success(try await StandardOutput.with { try await body(client, &$0) })
    } catch let status as RPCStatus where status.isOfUnknownService {
      outcome = .failure(
        Failure(.refused, "\(status.displayed): \(target) is no \(role.rawValue)"))
    } catch {
      outcome = .failure(error)
    }
    await channel.close()
    try? await loops.shutdown()
    try outcome.get()
  }

  /// What the server tells of payload types.
  var reflection: ReflectionClient {
    ReflectionClient(
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

  private func decoded<Answer: WireDecodable>(_ message: Message) throws -> Answer {
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
