import CNGHTTP2
import Timing

/// One HTTP/2 connection without its socket: bytes in, bytes and stream events out.
///
/// A wrapper around `nghttp2_session` (nghttp2 1.52). It belongs to one thread: whoever owns it
/// calls it there and is called back there. Two rules come from nghttp2: inside a callback, streams
/// may be opened, answered, and reset, but neither `receive`, `drain`, nor `close` may be called.
public final class HTTP2Session {
  public enum Role: Sendable {
    case client, server
  }

  public let role: Role
  let configuration: HTTP2Configuration

  /// Who is told what concerns the whole connection. It owns the session, so it outlives it.
  public unowned(unsafe) var delegate: (any HTTP2SessionDelegate)?

  /// Nil once closed.
  var handle: OpaquePointer?
  private let memory = SessionMemory()

  /// The streams that are open, each knowing its place. nghttp2 has only pointers to them.
  var streams: [HTTP2Stream] = []

  /// The stream that nghttp2 spoke of last: it speaks of one several times in a row.
  var latest: (id: Int32, pointer: UnsafeMutableRawPointer?) = (0, nil)

  /// Where `drain` is writing to, and how full it is to be.
  var output: OutputBuffer?
  var outputWanted = 0

  /// HEADERS and DATA frames that have left: whether the peer has anything to react to.
  public internal(set) var streamFramesSent = 0

  /// What came since anything moved: a header block, data, or something that we sent.
  private var idleFrames = 0
  private var idleBytes = 0

  private var provokedResets: RateLimit

  private var heads = FrameHeads(prefaceCount: 24)
  private var ended = EndedStreams()
  /// The connection ends, so nothing that comes is looked at any more.
  var isTerminated = false

  private var isInCallback = false

  /// Opens a session, whose first bytes (preface and settings) are then waiting to be sent.
  public init(_ role: Role, _ configuration: HTTP2Configuration) {
    self.role = role
    self.configuration = configuration
    provokedResets = RateLimit(
      burst: configuration.resetBurst, eachSecond: configuration.resetsEachSecond)
    handle = SessionCallbacks.shared.open(role, configuration, memory, owner: self)
    submitSettings()
  }

  deinit { close(.cancel) }

  public var isClosed: Bool { handle == nil }

  /// How many streams are open, also those whose HEADERS wait to be sent.
  public var openStreamCount: Int { streams.count }

  /// Whether the peer takes another stream now. If not, its HEADERS wait until one has ended (RFC
  /// 9113, 5.1.2).
  public var hasRoomForStream: Bool {
    guard let handle else { return false }
    let peerMax = nghttp2_session_get_remote_settings(
      handle, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)
    return openStreamCount < Int(peerMax)
  }

  /// Visits each open stream, which may be ended on the way.
  public func forEachStream(_ visit: (HTTP2Stream) -> Void) {
    for stream in streams { visit(stream) }
  }

  /// Whether there is anything left to do. If not, the connection is to be closed.
  public var isFinished: Bool {
    guard let handle else { return true }
    return nghttp2_session_want_read(handle) == 0 && nghttp2_session_want_write(handle) == 0
  }

  /// Takes bytes that came from the peer.
  ///
  /// Most of what a peer can do wrong ends a stream, or queues a GOAWAY and leaves the session
  /// finished. Throws if the connection is to be closed without a word.
  public func receive(_ bytes: UnsafeRawBufferPointer) throws(HTTP2Error) {
    guard let handle, !bytes.isEmpty, !isTerminated else { return }
    if role == .server, hasFrameAfterTheEnd(bytes) { return terminate(.streamClosed) }
    isInCallback = true
    let taken = nghttp2_session_mem_recv(
      handle, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count)
    isInCallback = false
    if taken < 0 { throw HTTP2Error(taken) }
    idleBytes += bytes.count
    if idleBytes > configuration.idleBytesMax { calmDown() }
  }

  /// Moves what is to be sent into the output, until it holds this many bytes and at most a frame
  /// more, or all.
  public func drain(into output: OutputBuffer, atLeast: Int) throws(HTTP2Error) {
    guard let handle else { return }
    isInCallback = true
    self.output = output
    outputWanted = atLeast
    defer {
      isInCallback = false
      self.output = nil
    }
    while output.count < atLeast {
      var bytes: UnsafePointer<UInt8>?
      let count = nghttp2_session_mem_send(handle, &bytes)
      if count < 0 { throw HTTP2Error(count) }
      if count == 0 { return }
      output.append(UnsafeRawBufferPointer(start: bytes, count: count))
    }
  }

  /// Ends the session. Each stream that is still open is closed with the code.
  public func close(_ code: HTTP2ErrorCode) {
    precondition(!isInCallback, "a session is never closed from one of its own callbacks")
    guard let handle else { return }
    self.handle = nil
    nghttp2_session_del(handle)
    let streams = streams
    self.streams = []
    for stream in streams {
      stream.session = nil
      stream.closed(code)
    }
  }
}

extension HTTP2Session {
  func frameBegan() {
    idleFrames += 1
    if idleFrames > configuration.idleFramesMax { calmDown() }
  }

  /// Whether a request's frame is in the bytes that follows its end. nghttp2 would drop it, since
  /// it keeps no closed streams. A reset counts at once: what follows it may be in the same bytes.
  private func hasFrameAfterTheEnd(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var rest = bytes
    while let (type, stream) = heads.next(in: &rest) {
      switch nghttp2_frame_type(UInt32(type)) {
      case NGHTTP2_DATA, NGHTTP2_HEADERS: if ended.contains(stream) { return true }
      case NGHTTP2_RST_STREAM: ended.insert(stream)
      default: break
      }
    }
    return false
  }

  func closed(_ stream: HTTP2Stream) {
    if stream.hasReceivedEnd { ended.insert(stream.id) }
  }

  func somethingMoved() {
    idleFrames = 0
    idleBytes = 0
  }

  func sentStreamFrame() {
    streamFramesSent &+= 1
    somethingMoved()
  }

  /// The peer costs more than it should: the connection ends.
  func calmDown() {
    somethingMoved()
    terminate(.enhanceYourCalm)
  }

  /// A stream of ours was reset. A client that provokes it again and again by breaking the protocol
  /// leaves us with a handler each time, as one does that resets streams itself (CVE-2025-8671).
  func sentReset(_ code: HTTP2ErrorCode) {
    guard role == .server, code != .noError, code != .cancel else { return }
    if !provokedResets.allows(at: Environment.live.instant()) { calmDown() }
  }
}

/// Whom a session tells what concerns the whole connection.
public protocol HTTP2SessionDelegate: AnyObject {
  /// Server: the peer opens a stream. Its headers follow at once.
  func makeStream() -> HTTP2Stream
  /// There is something to send, from outside of `receive` and `drain` or from within them.
  func sessionHasOutput()
  /// The peer's settings arrived: the peer speaks HTTP/2.
  func sessionReceivedSettings()
  /// The peer will open no more streams, or take none of ours beyond the last one.
  func sessionReceivedGoAway(lastStreamID: Int32, _ code: HTTP2ErrorCode)
  /// The peer asks for a sign of life, which it gets in any case.
  func sessionReceivedPing()
  /// The peer answered a ping of ours.
  func sessionReceivedPingAnswer()
}

extension HTTP2Error {
  init(_ code: Int) {
    self.init(
      code: code, message: String(cString: nghttp2_strerror(Int32(truncatingIfNeeded: code))))
  }
}
