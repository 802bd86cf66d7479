import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A server that gives its answers one after the other, and beyond them `ScriptedServer.good`.
final class ScriptedServer: Sendable {
  enum Answer: Sendable {
    case bytes(String)
    /// Closes the connection behind them.
    case last(String)
    case silence
  }

  struct Request: Sendable {
    var head: HTTPRequestHead
    var body: [UInt8] = []
  }

  static let good = Answer.bytes(text(200, "good"))

  private struct State {
    var answers: [Answer]
    var requests: [Request] = []
    var connections = 0
    var isSilent = false
  }

  private let state: Mutex<State>
  private let listener = Mutex<(any Channel)?>(nil)
  let port: Int

  /// - Parameter port: of a `ReservedPort`; 0: a free one.
  init(_ answers: [Answer] = [], port: Int = 0) async throws {
    state = Mutex(State(answers: answers))
    let serving = Serving()
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
          try pipeline.addHandler(Handler(serving))
        }
      }
      .bind(host: "127.0.0.1", port: port).get()
    self.port = listener.localAddress?.port ?? 0
    self.listener.withLock { $0 = listener }
    serving.server.withLock { $0 = self }
  }

  var requests: [Request] { state.withLock(\.requests) }
  var connections: Int { state.withLock(\.connections) }

  /// Whether all requests go without an answer.
  func beSilent(_ isSilent: Bool) { state.withLock { $0.isSilent = isSilent } }

  func close() async throws { try await listener.withLock(\.self)?.close() }

  fileprivate func connected() { state.withLock { $0.connections += 1 } }

  fileprivate func answer(to request: Request) -> Answer {
    state.withLock { state in
      state.requests.append(request)
      if state.isSilent { return .silence }
      return state.answers.isEmpty ? Self.good : state.answers.removeFirst()
    }
  }

  /// An answer in HTTP/1.1, of the type of messages.
  static func text(
    _ status: Int, _ body: String = "", type: String? = "avro/binary", _ headers: String = ""
  ) -> String {
    let type = type.map { "Content-Type: \($0)\r\n" } ?? ""
    return "HTTP/1.1 \(status) Said\r\n\(type)\(headers)Content-Length: \(body.utf8.count)\r\n\r\n"
      + body
  }
}

/// The server, once it is there.
private final class Serving: Sendable {
  let server = Mutex<ScriptedServer?>(nil)
}

private final class Handler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = ByteBuffer

  private let serving: Serving
  private var request: ScriptedServer.Request?

  init(_ serving: Serving) { self.serving = serving }

  func channelActive(context: ChannelHandlerContext) {
    serving.server.withLock(\.self)?.connected()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): request = ScriptedServer.Request(head: head)
    case .body(let part): request?.body += part.readableBytesView
    case .end:
      guard let request, let server = serving.server.withLock(\.self) else { return }
      answer(server.answer(to: request), context)
    }
  }

  private func answer(_ answer: ScriptedServer.Answer, _ context: ChannelHandlerContext) {
    switch answer {
    case .silence: break
    case .bytes(let text):
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    case .last(let text):
      let written = context.eventLoop.makePromise(of: Void.self)
      let channel = context.channel
      written.futureResult.whenComplete { _ in channel.close(promise: nil) }
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: written)
    }
  }
}
