import HTTP2
import NIOCore
import NIOPosix
import RPCTransport

/// A client that says whatever it is told to, over HTTP/2 that is in order.
final class ForeignClient: ChannelInboundHandler, HTTP2SessionDelegate, @unchecked Sendable {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// What came back: all the fields of all blocks, and the data.
  struct Response: Sendable {
    var fields: [String: String] = [:]
    var data: [UInt8] = []
    var resetCode: HTTP2ErrorCode?
  }

  private let session: HTTP2Session
  private let output = OutputBuffer()
  private var context: ChannelHandlerContext?
  private var channel: (any Channel)?

  private init(_ configuration: HTTP2Configuration) {
    session = HTTP2Session(.client, configuration)
  }

  static func connect(
    _ address: Address, _ configuration: HTTP2Configuration = HTTP2Configuration()
  ) async throws -> ForeignClient {
    guard case .tcp(let host, let port) = address else { fatalError("tests use TCP") }
    let client = ForeignClient(configuration)
    client.channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(client)
        }
      }
      .connect(host: host, port: port).get()
    return client
  }

  /// Sends one request, and returns what comes back once that ends.
  func request(_ headers: HTTP2Headers, body: [UInt8] = [], ends: Bool = true) async -> Response {
    await withCheckedContinuation { continuation in
      channel?.eventLoop.execute { [self] in
        let stream = Recorder(continuation)
        guard session.open(stream, headers) else { return stream.closed(.cancel) }
        if !body.isEmpty { stream.write(body) }
        if ends { stream.finish() }
        flush()
      }
    }
  }

  func close() async { try? await channel?.close() }

  func waitUntilClosed() async { try? await channel?.closeFuture.get() }

  /// Sends one request on a connection of its own, and returns what comes back.
  static func request(
    _ address: Address, headers: KeyValuePairs<StaticString, String>, body: [UInt8] = [],
    ends: Bool = true
  ) async throws -> Response {
    let client = try await connect(address)
    let response = await client.request(HTTP2Headers(headers), body: body, ends: ends)
    await client.close()
    return response
  }

  private final class Recorder: HTTP2Stream {
    var response = Response()
    let continuation: CheckedContinuation<Response, Never>

    init(_ continuation: CheckedContinuation<Response, Never>) {
      self.continuation = continuation
    }

    override func receivedHeader(
      name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>
    ) {
      response.fields[String(decoding: name, as: UTF8.self)] =
        String(decoding: value, as: UTF8.self)
    }

    override func receivedData(_ bytes: UnsafeBufferPointer<UInt8>) {
      response.data += bytes
    }

    override func closed(_ code: HTTP2ErrorCode) {
      response.resetCode = code
      continuation.resume(returning: response)
    }
  }

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    session.delegate = self
    flush()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    try? unwrapInboundIn(data).withUnsafeReadableBytes { try session.receive($0) }
    flush()
  }

  func channelInactive(context: ChannelHandlerContext) {
    self.context = nil
    session.close(.internalError)
  }

  func flush() {
    guard let context else { return }
    try? session.drain(into: output, atLeast: .max)
    output.take { context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: $0)), promise: nil) }
    if session.isFinished { context.close(promise: nil) }
  }

  func makeStream() -> HTTP2Stream { HTTP2Stream() }
  func sessionHasOutput() {}
  func sessionReceivedSettings() {}
  func sessionReceivedGoAway(lastStreamID: Int32, _ code: HTTP2ErrorCode) {}
  func sessionReceivedPing() {}
  func sessionReceivedPingAnswer() {}
}
