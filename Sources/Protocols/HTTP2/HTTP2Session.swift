import CNGHTTP2
import Timing

/// One HTTP/2 connection without its socket: bytes in, bytes and stream events out.
///
/// Wraps `nghttp2_session` (nghttp2 1.52). Confined to one thread, for calls and callbacks.
/// nghttp2 demands: a callback may open, answer and reset streams, but must not call `receive`,
/// `drain` or `close`.
public final class HTTP2Session {
  public enum Role: Sendable {
    case client, server
  }

  public let role: Role
  let configuration: HTTP2Configuration

  /// Receives connection events. It owns the session, so it outlives it.
  public unowned(unsafe) var delegate: (any HTTP2SessionDelegate)?

  /// Nil once closed.
  var handle: OpaquePointer?
  private let memory = SessionMemory()

  /// Open streams, each knowing its slot. nghttp2 has only pointers to them.
  var streams: [HTTP2Stream] = []

  /// The stream of nghttp2's last callback: several in a row are about the same one.
  var latest: (id: Int32, pointer: UnsafeMutableRawPointer?) = (0, nil)

  /// The target of `drain`, and its limit.
  var output: OutputBuffer?
  var outputWanted = 0

  /// HEADERS and DATA frames sent: tells whether the peer has anything to react to.
  public internal(set) var streamFramesSent = 0

  /// Frames received since the last progress: a header block, data, or something sent by us.
  private var idleFrames = 0
  private var idleBytes = 0

  private var provokedResets: RateLimit

  private var heads = FrameHeads(prefaceCount: 24)
  private var ended = EndedStreams()
  /// The connection is ending, so input is ignored.
  var isTerminated = false

  private var isInCallback = false

  /// Opens a session; its preface and settings then wait to be sent.
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

  /// Open streams, including those whose HEADERS wait to be sent.
  public var openStreamCount: Int { streams.count }

  /// True if the peer accepts another stream now. If not, its HEADERS wait until one has ended
  /// (RFC 9113, 5.1.2).
  public var hasRoomForStream: Bool {
    guard let handle else { return false }
    let peerMax = nghttp2_session_get_remote_settings(
      handle, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)
    return openStreamCount < Int(peerMax)
  }

  /// Visits each open stream; a visit may end it.
  public func forEachStream(_ visit: (HTTP2Stream) -> Void) {
    for stream in streams { visit(stream) }
  }

  /// True if nothing is left to do: close the connection.
  public var isFinished: Bool {
    guard let handle else { return true }
    return nghttp2_session_want_read(handle) == 0 && nghttp2_session_want_write(handle) == 0
  }

  /// Processes bytes from the peer.
  ///
  /// Most errors of a peer end a stream, or queue a GOAWAY and finish the session. Throws if the
  /// connection must be closed without a GOAWAY.
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

  /// Moves pending bytes into the output, until it holds `atLeast` bytes and at most a frame more,
  /// or all of them.
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

  /// Ends the session. Closes each open stream with the code.
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

  /// True if the bytes contain a frame after its request's end. nghttp2 would ignore it, since it
  /// keeps no closed streams. A reset counts at once: frames after it may be in the same bytes.
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

  /// Ends the connection: the peer causes too much work.
  func calmDown() {
    somethingMoved()
    terminate(.enhanceYourCalm)
  }

  /// Counts our own resets. A client that provokes them by protocol errors leaves us with a
  /// handler each time, like one that resets streams itself (CVE-2025-8671).
  func sentReset(_ code: HTTP2ErrorCode) {
    guard role == .server, code != .noError, code != .cancel else { return }
    if !provokedResets.allows(at: Environment.live.instant()) { calmDown() }
  }
}

/// Receives a session's connection events.
public protocol HTTP2SessionDelegate: AnyObject {
  /// Server: the peer opens a stream; its headers follow.
  func makeStream() -> HTTP2Stream
  /// There is output to send. May be called inside or outside `receive` and `drain`.
  func sessionHasOutput()
  /// The peer's settings arrived: the peer speaks HTTP/2.
  func sessionReceivedSettings()
  /// The peer will open no more streams, and accepts none of ours after the last one.
  func sessionReceivedGoAway(lastStreamID: Int32, _ code: HTTP2ErrorCode)
  /// The peer sent a PING; nghttp2 answers it.
  func sessionReceivedPing()
  /// The peer answered our PING.
  func sessionReceivedPingAnswer()
}

extension HTTP2Error {
  init(_ code: Int) {
    self.init(
      code: code, message: String(cString: nghttp2_strerror(Int32(truncatingIfNeeded: code))))
  }
}
