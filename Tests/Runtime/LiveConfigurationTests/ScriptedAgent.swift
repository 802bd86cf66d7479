import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A server that answers the requests it gets with these bytes, one after the other, and closes
/// the connection after each. Beyond them, it holds requests without an answer.
final class ScriptedAgent: Sendable {
  struct Request: Sendable, Equatable {
    var path: String
    var token: String?
  }

  private struct State {
    var answers: [String]
    var requests: [Request] = []
  }

  private let state: Mutex<State>
  private let listener: any Channel
  let port: Int

  init(_ answers: [String], port: Int = 0) async throws {
    state = Mutex(State(answers: answers))
    let asked = AskedHandler.Answering()
    listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
          try pipeline.addHandler(AskedHandler(asked))
        }
      }
      .bind(host: "127.0.0.1", port: port).get()
    self.port = listener.localAddress?.port ?? 0
    asked.answer.withLock { $0 = { [self] in answer(to: $0) } }
  }

  /// What was asked so far.
  var requests: [Request] { state.withLock { $0.requests } }

  func close() async throws { try await listener.close() }

  private func answer(to request: Request) -> String? {
    state.withLock { state in
      state.requests.append(request)
      return state.answers.isEmpty ? nil : state.answers.removeFirst()
    }
  }
}

extension String {
  /// An answer in HTTP/1.1.
  static func answer(_ status: Int, _ body: String = "", index: String? = nil) -> String {
    let header = index.map { "X-Consul-Index: \($0)\r\n" } ?? ""
    return "HTTP/1.1 \(status) Said\r\n\(header)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }
}

private final class AskedHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = ByteBuffer

  final class Answering: Sendable {
    let answer = Mutex<(@Sendable (ScriptedAgent.Request) -> String?)?>(nil)
  }

  private let answering: Answering

  init(_ answering: Answering) { self.answering = answering }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .head(let head) = unwrapInboundIn(data) else { return }
    let request = ScriptedAgent.Request(
      path: head.uri, token: head.headers.first(name: "x-consul-token"))
    let answer = answering.answer.withLock { $0 }
    guard let text = answer?(request) else { return }
    let closed = context.eventLoop.makePromise(of: Void.self)
    let channel = context.channel
    closed.futureResult.whenComplete { _ in channel.close(promise: nil) }
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: closed)
  }
}
