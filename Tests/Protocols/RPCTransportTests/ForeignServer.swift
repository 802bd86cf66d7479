import HTTP2
import NIOCore
import NIOPosix
import RPCTransport
import Synchronization

/// A server that answers each request as it is told to, over HTTP/2 that is in order.
final class ForeignServer: Sendable {
  /// What to do with a request; the number counts all requests of all connections, from 1.
  typealias Script = @Sendable (HTTP2Session, HTTP2Stream, Int) -> Action

  enum Action {
    case nothing
    /// Close the socket without a word.
    case hangUp
  }

  /// What to say first on a connection; the number counts connections, from 1.
  typealias Greeting = @Sendable (HTTP2Session, Int) -> Void

  private let listener: any Channel
  let address: Address
  private let counter: Counter

  /// How many requests have come.
  var requests: Int { counter.count.load(ordering: .relaxed) }

  final class Counter: Sendable {
    let count = Atomic(0)
    let connections = Atomic(0)
  }

  init(greeting: @escaping Greeting = { _, _ in }, _ script: @escaping Script) async throws {
    let counter = Counter()
    self.counter = counter
    listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            ForeignServerHandler(greeting, script, counter))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    address = .tcp(host: "127.0.0.1", port: listener.localAddress?.port ?? 0)
  }

  func close() async throws { try await listener.close() }
}

private final class ForeignServerHandler: ChannelInboundHandler, HTTP2SessionDelegate {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let session = HTTP2Session(.server, HTTP2Configuration())
  private let output = OutputBuffer()
  private let greeting: ForeignServer.Greeting
  private let script: ForeignServer.Script
  private let counter: ForeignServer.Counter
  private var hangsUp = false

  init(
    _ greeting: @escaping ForeignServer.Greeting, _ script: @escaping ForeignServer.Script,
    _ counter: ForeignServer.Counter
  ) {
    self.greeting = greeting
    self.script = script
    self.counter = counter
    session.delegate = self
  }

  private final class Request: HTTP2Stream {
    let handle: (Request) -> Void
    init(_ handle: @escaping (Request) -> Void) { self.handle = handle }
    override func receivedEnd() { handle(self) }
  }

  func makeStream() -> HTTP2Stream {
    Request { [unowned self] stream in
      let number = counter.count.add(1, ordering: .relaxed).newValue
      if script(session, stream, number) == .hangUp { hangsUp = true }
    }
  }

  func channelActive(context: ChannelHandlerContext) {
    greeting(session, counter.connections.add(1, ordering: .relaxed).newValue)
    flush(context)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    try? unwrapInboundIn(data).withUnsafeReadableBytes { try session.receive($0) }
    if hangsUp { context.close(promise: nil) } else { flush(context) }
  }

  func channelInactive(context: ChannelHandlerContext) { session.close(.internalError) }

  private func flush(_ context: ChannelHandlerContext) {
    try? session.drain(into: output, atLeast: .max)
    output.take { context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: $0)), promise: nil) }
    if session.isFinished { context.close(promise: nil) }
  }

  func sessionHasOutput() {}
  func sessionReceivedSettings() {}
  func sessionReceivedGoAway(lastStreamID: Int32, _ code: HTTP2ErrorCode) {}
  func sessionReceivedPing() {}
  func sessionReceivedPingAnswer() {}
}
