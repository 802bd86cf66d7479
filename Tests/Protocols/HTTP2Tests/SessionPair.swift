import HTTP2

/// A client's session and a server's, joined in memory: what one sends, the other receives.
final class SessionPair {
  let client: Side
  let server: Side

  init(
    client: HTTP2Configuration = HTTP2Configuration(),
    server: HTTP2Configuration = HTTP2Configuration()
  ) {
    self.client = Side(.client, client)
    self.server = Side(.server, server)
  }

  /// Carries bytes both ways until neither side has more to say.
  func exchange() throws {
    var isQuiet = false
    while !isQuiet {
      let sent = try client.take()
      let answered = try server.take()
      try sent.withUnsafeBytes { try server.session.receive($0) }
      try answered.withUnsafeBytes { try client.session.receive($0) }
      isQuiet = sent.isEmpty && answered.isEmpty
    }
  }
}

/// One end of a connection, that remembers what it is told.
final class Side: HTTP2SessionDelegate {
  let session: HTTP2Session
  private let output = OutputBuffer(capacity: 64)
  /// The streams that the peer opened.
  private(set) var streams: [RecordingStream] = []
  private(set) var goAways: [HTTP2ErrorCode] = []
  private(set) var pingAnswers = 0
  private(set) var hasSettings = false

  init(_ role: HTTP2Session.Role, _ configuration: HTTP2Configuration) {
    session = HTTP2Session(role, configuration)
    session.delegate = self
  }

  /// What there is to send: so much of it, and at most a frame more.
  func take(_ count: Int = .max) throws(HTTP2Error) -> [UInt8] {
    try session.drain(into: output, atLeast: count)
    var bytes: [UInt8] = []
    output.take { bytes = Array($0) }
    return bytes
  }

  /// Why the connection ends, as the next bytes say; nil if they do not end it.
  func takeGoAway() throws(HTTP2Error) -> HTTP2ErrorCode? {
    var rest = try take()[...]
    while rest.count >= 9 {
      let head = Array(rest.prefix(9))
      let payload = rest.dropFirst(9).prefix(Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2]))
      if head[3] == 7 {
        let code = payload.dropFirst(4).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
        return HTTP2ErrorCode(rawValue: code)
      }
      rest = rest.dropFirst(9 + payload.count)
    }
    return nil
  }

  func makeStream() -> HTTP2Stream {
    streams.append(RecordingStream())
    return streams[streams.count - 1]
  }

  func sessionHasOutput() {}
  func sessionReceivedSettings() { hasSettings = true }
  func sessionReceivedGoAway(lastStreamID: Int32, _ code: HTTP2ErrorCode) { goAways.append(code) }
  func sessionReceivedPing() {}
  func sessionReceivedPingAnswer() { pingAnswers += 1 }
}

final class RecordingStream: HTTP2Stream {
  var fields: [String: String] = [:]
  var headerBytesSeen = 0
  var blocks = 0
  var data: [UInt8] = []
  var hasEnded = false
  var hasTooManyHeaders = false
  var closeCode: HTTP2ErrorCode?
  var consumesAtOnce = true
  var resetsAtTheEnd = false

  override func receivedHeader(
    name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>
  ) {
    headerBytesSeen += name.count + value.count
    fields[String(decoding: name, as: UTF8.self)] = String(decoding: value, as: UTF8.self)
  }

  override func receivedTooManyHeaderBytes() { hasTooManyHeaders = true }
  override func receivedHeaderBlock() { blocks += 1 }
  override func receivedEnd() {
    hasEnded = true
    if resetsAtTheEnd { reset(.cancel) }
  }
  override func closed(_ code: HTTP2ErrorCode) { closeCode = code }

  override func receivedData(_ bytes: UnsafeBufferPointer<UInt8>) {
    data += bytes
    if consumesAtOnce { consume(bytes.count) }
  }
}
