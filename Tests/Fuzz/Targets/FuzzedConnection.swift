import HTTP2
import RPC

/// An HTTP/2 session that receives anything, and answers as a gRPC server or client would.
///
/// The first byte says in chunks of which size the rest arrives, and whether the handshake was
/// right.
final class FuzzedConnection: HTTP2SessionDelegate {
  private static let preface =
    Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + settings
  /// A SETTINGS frame without any.
  private static let settings: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 0, 0]

  static func server(_ input: [UInt8]) {
    FuzzedConnection(.server).feed(input, after: preface)
  }

  static func client(_ input: [UInt8]) {
    let connection = FuzzedConnection(.client)
    let headers = HTTP2Headers([
      ":method": "POST", ":scheme": "http", ":path": "/echo.Echo/Say", ":authority": "there",
      "content-type": "application/grpc", "te": "trailers",
    ])
    // As streams 1, 3 and 5, which the input may answer.
    for _ in 0..<3 {
      let stream = FuzzedResponse()
      guard connection.session.open(stream, headers) else { break }
      connection.streams.append(stream)
      stream.send([1, 2, 3])
      stream.finish()
    }
    connection.feed(input, after: settings)
  }

  private let session: HTTP2Session
  private let output = OutputBuffer(capacity: 4096)
  /// The session does not keep what a client opened.
  private var streams: [HTTP2Stream] = []

  private init(_ role: HTTP2Session.Role) {
    session = HTTP2Session(
      role,
      HTTP2Configuration(
        concurrentStreamsMax: 8, headerBytesMax: 1024, streamWindowBytes: 64 << 10,
        connectionWindowBytes: 128 << 10))
    session.delegate = self
  }

  private func feed(_ input: [UInt8], after handshake: [UInt8]) {
    guard let control = input.first else { return session.close(.cancel) }
    let chunk = control & 0x7f == 0 ? Int.max : Int(control & 0x7f)
    var rest = (control < 0x80 ? handshake : []) + input.dropFirst()
    do {
      try drain()
      while !rest.isEmpty, !session.isFinished {
        try receive(Array(rest.prefix(chunk)))
        rest = Array(rest.dropFirst(chunk))
      }
    } catch {
      // The connection would be closed.
    }
    session.close(.cancel)
  }

  private func receive(_ part: [UInt8]) throws {
    try part.withUnsafeBytes { try session.receive($0) }
    try drain()
  }

  private func drain() throws {
    try session.drain(into: output, atLeast: .max)
    output.take { _ in }
  }

  func makeStream() -> HTTP2Stream { FuzzedRequest() }
  func sessionHasOutput() {}
  func sessionReceivedSettings() {}
  func sessionReceivedGoAway(lastStreamID: Int32, _ code: HTTP2ErrorCode) {}
  func sessionReceivedPing() {}
  func sessionReceivedPingAnswer() {}
}

extension HTTP2Stream {
  fileprivate func send(_ message: Message) {
    guard let prefix = try? MessagePrefix(messageCount: message.count) else { return }
    write(lead: prefix.bytes, leadCount: MessagePrefix.count, message)
  }
}

/// A stream at the server: answers each message with itself.
private final class FuzzedRequest: HTTP2Stream {
  private static let router = Router([
    Service("echo.Echo", ["Say": .unary { message, _ in message }])
  ])

  private var head = RequestHead(FuzzedRequest.router)
  private var hasHead = false
  private var deframer = MessageDeframer(messageBytesMax: 32 << 10)

  override func receivedHeader(
    name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>
  ) {
    head.add(name: name, value: value)
  }

  override func receivedTooManyHeaderBytes() { head.exceed(limit: 1024) }

  override func receivedHeaderBlock() {
    guard !hasHead, let session else { return }
    hasHead = true
    switch head.verdict {
    case .accept:
      session.respond(self, HTTP2Headers([":status": "200", "content-type": "application/grpc"]))
    case .reject: session.respondOnly(self, HTTP2Headers([":status": "200", "grpc-status": "12"]))
    case .refuse: session.respondOnly(self, HTTP2Headers([":status": "415"]))
    }
  }

  override func receivedData(_ bytes: UnsafeBufferPointer<UInt8>) {
    var rest = bytes
    do {
      while let message = try deframer.next(from: &rest) {
        send(message)
      }
    } catch {
      return reset(.cancel)
    }
    consume(bytes.count)
  }

  override func receivedEnd() { finish(trailers: HTTP2Headers(["grpc-status": "0"])) }
}

/// A stream at the client.
private final class FuzzedResponse: HTTP2Stream {
  private var head = ResponseHead()
  private var deframer = MessageDeframer(messageBytesMax: 32 << 10)

  override func receivedHeader(
    name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>
  ) {
    head.add(name: name, value: value)
  }

  override func receivedTooManyHeaderBytes() { head.exceed(limit: 1024) }

  override func receivedHeaderBlock() {
    _ = head.completeBlock()
    if head.failure != nil { reset(.cancel) }
  }

  override func receivedData(_ bytes: UnsafeBufferPointer<UInt8>) {
    var rest = bytes
    do { while try deframer.next(from: &rest) != nil {} } catch { return reset(.cancel) }
    consume(bytes.count)
  }

  override func receivedEnd() { _ = head.status.description }
}
