import NIOCore
import NIOPosix

/// A client that sends any bytes, and keeps what comes back.
final class TestClient {
  private let channel: any Channel
  private var iterator: AsyncThrowingStream<ByteBuffer, any Error>.AsyncIterator
  private var text = ""

  private init(_ channel: any Channel, _ bytes: AsyncThrowingStream<ByteBuffer, any Error>) {
    self.channel = channel
    iterator = bytes.makeAsyncIterator()
  }

  /// - Parameter isReading: false: it never reads.
  static func connected(to host: String, _ port: Int, isReading: Bool) async throws -> TestClient {
    let (bytes, received) = AsyncThrowingStream<ByteBuffer, any Error>.makeStream()
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.autoRead, value: isReading)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Receiver(received))
        }
      }
      .connect(host: host, port: port).get()
    return TestClient(channel, bytes)
  }

  func send(_ text: String) async throws {
    try await channel.writeAndFlush(ByteBuffer(string: text))
  }

  /// All that has come since the last reading, up to these bytes.
  func read(until end: String) async throws -> String {
    while !text.contains(end), let bytes = try await iterator.next(isolation: #isolation) {
      text += String(buffer: bytes)
    }
    defer { text = "" }
    return text
  }

  func readToEnd() async throws -> String {
    while let bytes = try await iterator.next(isolation: #isolation) {
      text += String(buffer: bytes)
    }
    return text
  }
}

private final class Receiver: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let received: AsyncThrowingStream<ByteBuffer, any Error>.Continuation

  init(_ received: AsyncThrowingStream<ByteBuffer, any Error>.Continuation) {
    self.received = received
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    received.yield(unwrapInboundIn(data))
  }

  func channelInactive(context: ChannelHandlerContext) { received.finish() }

  /// A connection that the server has reset is at its end, too.
  func errorCaught(context: ChannelHandlerContext, error: any Error) { received.finish() }
}
