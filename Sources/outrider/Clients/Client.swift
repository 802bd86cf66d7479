import EventModel
import RPC
import RPCTransport
import SidecarRuntime
import Wire

/// A caller of one server's services.
struct Client {
  private let channel: HTTP2Channel
  private let deadline: Duration
  private let metadata: Metadata

  /// Connects to where the options say, and closes when `body` is done.
  static func with(
    _ options: ClientOptions, default role: Role, _ body: (Client) async throws -> Void
  ) async throws {
    let target = try options.target(default: role)
    let metadata = try options.metadata()
    var settings = HTTP2ChannelConfiguration()
    settings.tls = try options.tls()
    let loops = EventLoops(threads: 1)
    let channel = HTTP2Channel(to: target, settings, on: loops)
    let outcome: Result<Void, any Error>
    do {
      outcome = .success(
        try await body(
          Client(channel: channel, deadline: options.deadline, metadata: metadata)))
    } catch {
      outcome = .failure(error)
    }
    await channel.close()
    try? await loops.shutdown()
    try outcome.get()
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
    isEndless: Bool = false, _ body: (Answer) throws -> Void
  ) async throws {
    let call = try await channel.serverStreaming(
      Method(service: service, name: method), request.wireBytes,
      CallOptions(metadata: metadata, deadline: isEndless ? .never : .after(deadline)))
    for try await message in call.responses { try body(decoded(message)) }
  }

  private func decoded<Answer: WireDecodable>(_ message: Message) throws -> Answer {
    do { return try Answer(wireBytes: message) } catch {
      throw Failure(.software, "the server answered what cannot be read: \(error)")
    }
  }
}
