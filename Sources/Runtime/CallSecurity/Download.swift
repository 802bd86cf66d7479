import NIOCore
import NIOHTTP1
import NIOPosix
import RPCTransport
import SidecarConfiguration

/// Gets a small document from the web, by HTTP/1.1 (RFC 9112).
struct Download: Sendable {
  private static let bytesMax = 1 << 20
  private static let timeout = TimeAmount.seconds(10)

  let address: WebAddress
  private let tls: ClientTLS?

  /// - Parameter authorities: a file with the certificates of those whose signature the server's
  ///   must have; nil: those that the system trusts.
  init(_ address: WebAddress, trusting authorities: String?) throws(TransportError) {
    self.address = address
    tls =
      try address.isSecure
      ? ClientTLS(TLSFiles(authorities: authorities), protocols: ["http/1.1"]) : nil
  }

  /// The document. Throws if it is longer than 1 MiB, or takes longer than 10 seconds, or if the
  /// answer is anything but the document: a redirection is not followed.
  func get() async throws -> [UInt8] {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let answer = loop.makePromise(of: NIOHTTPClientResponseFull.self)
    let timer = loop.scheduleTask(in: Self.timeout) {
      answer.fail(SidecarError("there is no answer within 10 seconds"))
    }
    ClientBootstrap(group: loop)
      .connectTimeout(Self.timeout)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try addHandlers(to: channel, answer) }
      }
      .connect(host: address.host, port: address.port)
      .whenComplete { result in
        switch result {
        case .success(let channel):
          answer.futureResult.whenComplete { _ in channel.close(promise: nil) }
        case .failure(let error): answer.fail(error)
        }
      }
    defer { timer.cancel() }
    let response = try await answer.futureResult.get()
    guard response.head.status == .ok else {
      throw SidecarError("the server answers \(response.head.status)")
    }
    return Array((response.body ?? ByteBuffer()).readableBytesView)
  }

  private func addHandlers(
    to channel: any Channel, _ answer: EventLoopPromise<NIOHTTPClientResponseFull>
  ) throws {
    let pipeline = channel.pipeline.syncOperations
    try tls?.secure(channel, to: .tcp(host: address.host, port: address.port))
    try pipeline.addHTTPClientHandlers()
    try pipeline.addHandler(NIOHTTPClientResponseAggregator(maxContentLength: Self.bytesMax))
    try pipeline.addHandler(Exchange(address, answer))
  }
}

/// One request, and what is answered to it.
private final class Exchange: ChannelInboundHandler {
  typealias InboundIn = NIOHTTPClientResponseFull
  typealias OutboundOut = HTTPClientRequestPart

  private let address: WebAddress
  private let answer: EventLoopPromise<NIOHTTPClientResponseFull>

  init(_ address: WebAddress, _ answer: EventLoopPromise<NIOHTTPClientResponseFull>) {
    self.address = address
    self.answer = answer
  }

  func channelActive(context: ChannelHandlerContext) {
    let headers: HTTPHeaders = [
      "host": address.authority, "accept": "application/json", "connection": "close",
    ]
    let head = HTTPRequestHead(
      version: .http1_1, method: .GET, uri: address.path, headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    answer.succeed(unwrapInboundIn(data))
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    answer.fail(error)
  }

  func channelInactive(context: ChannelHandlerContext) {
    answer.fail(SidecarError("the server closed the connection before its answer was whole"))
  }
}
