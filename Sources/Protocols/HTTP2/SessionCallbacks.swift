import CNGHTTP2

/// nghttp2's callbacks, one table for all sessions of the process.
///
/// Each finds the session in the user data, and the stream in the stream's user data, as
/// unretained pointers: the session outlives its handle, and holds each stream until it closes.
///
/// `@unchecked Sendable`: the table is complete before it is shared, and nghttp2 copies it when it
/// opens a session.
struct SessionCallbacks: @unchecked Sendable {
  static let shared = SessionCallbacks()

  private let table: OpaquePointer

  private init() {
    var created: OpaquePointer?
    guard nghttp2_session_callbacks_new(&created) == 0, let table = created else {
      fatalError("there is no memory for the callbacks of HTTP/2 sessions")
    }
    self.table = table
    nghttp2_session_callbacks_set_on_begin_frame_callback(table, onBeginFrame)
    nghttp2_session_callbacks_set_on_begin_headers_callback(table, onBeginHeaders)
    nghttp2_session_callbacks_set_on_header_callback(table, onHeader)
    nghttp2_session_callbacks_set_on_frame_recv_callback(table, onFrameReceived)
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(table, onDataChunk)
    nghttp2_session_callbacks_set_on_frame_send_callback(table, onFrameSent)
    nghttp2_session_callbacks_set_on_frame_not_send_callback(table, onFrameNotSent)
    nghttp2_session_callbacks_set_send_data_callback(table, onSendData)
    nghttp2_session_callbacks_set_on_stream_close_callback(table, onStreamClose)
  }

  /// Opens a session of nghttp2. The owner must close it before it goes away.
  func open(
    _ role: HTTP2Session.Role, _ configuration: HTTP2Configuration, _ memory: SessionMemory,
    owner: HTTP2Session
  ) -> OpaquePointer {
    var created: OpaquePointer?
    var functions = memory.functions
    let user = Unmanaged.passUnretained(owner).toOpaque()
    let result = configuration.withOptions { options in
      switch role {
      case .client: nghttp2_session_client_new3(&created, table, user, options, &functions)
      case .server: nghttp2_session_server_new3(&created, table, user, options, &functions)
      }
    }
    guard result == 0, let session = created else {
      fatalError("there is no memory for an HTTP/2 session")
    }
    return session
  }
}

/// Calls with the session.
@inline(__always)
private func with<Result>(
  _ user: UnsafeMutableRawPointer?, _ body: (HTTP2Session) -> Result
) -> Result { lend(user, body) }

/// Calls with the stream of the callback; nil for the connection itself, or for a stream that we
/// do not hold.
@inline(__always)
private func with<Result>(
  _ user: UnsafeMutableRawPointer?, stream id: Int32, _ body: (HTTP2Stream) -> Result
) -> Result? {
  with(user) { $0.pointer(to: id) }.map { lend($0, body) }
}

/// Called for every frame of a known type, before it is processed.
private func onBeginFrame(
  handle: OpaquePointer?, head: UnsafePointer<nghttp2_frame_hd>?, user: UnsafeMutableRawPointer?
) -> Int32 {
  with(user) { $0.frameBegan() }
  return 0
}

private func onBeginHeaders(
  handle: OpaquePointer?, frame: UnsafePointer<nghttp2_frame>?, user: UnsafeMutableRawPointer?
) -> Int32 {
  guard let frame else { return 0 }
  let id = frame.pointee.hd.stream_id
  with(user) { session in
    session.somethingMoved()
    if with(user, stream: id, { $0.headerBytes = 0 }) != nil { return }
    guard frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST,
      let stream = session.delegate?.makeStream()
    else { return }
    stream.hasSentHeaders = true
    session.hold(stream, id)
    nghttp2_session_set_stream_user_data(handle, id, Unmanaged.passUnretained(stream).toOpaque())
  }
  return 0
}

private func onHeader(
  handle: OpaquePointer?, frame: UnsafePointer<nghttp2_frame>?,
  name: UnsafePointer<UInt8>?, nameCount: Int, value: UnsafePointer<UInt8>?, valueCount: Int,
  flags: UInt8, user: UnsafeMutableRawPointer?
) -> Int32 {
  guard let frame else { return 0 }
  let max = with(user) { $0.configuration.headerBytesMax }
  let count = with(user, stream: frame.pointee.hd.stream_id) { stream in
    let before = stream.headerBytes
    stream.headerBytes += nameCount + valueCount + 32
    if stream.headerBytes <= max {
      stream.receivedHeader(
        name: UnsafeBufferPointer(start: name, count: nameCount),
        value: UnsafeBufferPointer(start: value, count: valueCount))
    } else if before <= max {
      stream.receivedTooManyHeaderBytes()
    }
    return stream.headerBytes
  }
  guard let count, count / HTTP2Configuration.headerExcessMax > max else { return 0 }
  // A few bytes may decompress to megabytes (RFC 7541 section 7.3): stop decompressing.
  with(user) { $0.calmDown() }
  return NGHTTP2_ERR_PAUSE.rawValue
}

private func onFrameReceived(
  handle: OpaquePointer?, frame: UnsafePointer<nghttp2_frame>?, user: UnsafeMutableRawPointer?
) -> Int32 {
  guard let frame else { return 0 }
  let head = frame.pointee.hd
  switch nghttp2_frame_type(UInt32(head.type)) {
  case NGHTTP2_HEADERS, NGHTTP2_DATA:
    _ = with(user, stream: head.stream_id) { stream in
      if head.type == UInt8(NGHTTP2_HEADERS.rawValue) { stream.receivedHeaderBlock() }
      if head.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0 {
        stream.hasReceivedEnd = true
        stream.receivedEnd()
      }
    }
  case NGHTTP2_SETTINGS where head.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) == 0:
    with(user) { $0.delegate?.sessionReceivedSettings() }
  case NGHTTP2_PING where head.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) == 0:
    with(user) { $0.delegate?.sessionReceivedPing() }
  case NGHTTP2_PING:
    with(user) { $0.delegate?.sessionReceivedPingAnswer() }
  case NGHTTP2_GOAWAY:
    let goAway = frame.pointee.goaway
    with(user) {
      $0.delegate?.sessionReceivedGoAway(
        lastStreamID: goAway.last_stream_id, HTTP2ErrorCode(rawValue: goAway.error_code))
    }
  default: break
  }
  return 0
}

/// Returns the connection's window at once, so that a slow reader blocks only its own stream. The
/// stream's own window bounds its bytes in flight.
private func onDataChunk(
  handle: OpaquePointer?, flags: UInt8, id: Int32, bytes: UnsafePointer<UInt8>?, count: Int,
  user: UnsafeMutableRawPointer?
) -> Int32 {
  if count > 0 { with(user) { $0.somethingMoved() } }
  let result = nghttp2_session_consume_connection(handle, count)
  guard result == 0 else { return result }
  _ = with(user, stream: id) { $0.receivedData(UnsafeBufferPointer(start: bytes, count: count)) }
  return 0
}

private func onFrameSent(
  handle: OpaquePointer?, frame: UnsafePointer<nghttp2_frame>?, user: UnsafeMutableRawPointer?
) -> Int32 {
  guard let frame else { return 0 }
  switch nghttp2_frame_type(UInt32(frame.pointee.hd.type)) {
  case NGHTTP2_HEADERS:
    with(user) { session in
      session.sentStreamFrame()
      _ = with(user, stream: frame.pointee.hd.stream_id) {
        sentHeaders(session, $0, frame.pointee.hd)
      }
    }
  case NGHTTP2_DATA:
    with(user) { $0.sentStreamFrame() }
  case NGHTTP2_RST_STREAM:
    with(user) { $0.sentReset(HTTP2ErrorCode(rawValue: frame.pointee.rst_stream.error_code)) }
  default: break
  }
  return 0
}

/// nghttp2 refuses to send a header block that is too long: end the stream, or the peer would wait
/// for ever. nghttp2 itself ends a request's stream.
private func onFrameNotSent(
  handle: OpaquePointer?, frame: UnsafePointer<nghttp2_frame>?, error: Int32,
  user: UnsafeMutableRawPointer?
) -> Int32 {
  guard let frame, frame.pointee.hd.type == UInt8(NGHTTP2_HEADERS.rawValue),
    error == NGHTTP2_ERR_FRAME_SIZE_ERROR.rawValue, with(user, { $0.role == .server })
  else { return 0 }
  _ = with(user, stream: frame.pointee.hd.stream_id) { $0.reset(.internalError) }
  return 0
}

/// RFC 9113 section 8.1: after an early answer, a server tells the client to stop sending, with
/// NO_ERROR.
private func sentHeaders(_ session: HTTP2Session, _ stream: HTTP2Stream, _ head: nghttp2_frame_hd) {
  stream.hasSentHeaders = true
  guard head.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0, session.role == .server,
    nghttp2_session_get_stream_remote_close(session.handle, stream.id) == 0
  else { return }
  stream.reset(.noError)
}

private func onStreamClose(
  handle: OpaquePointer?, id: Int32, code: UInt32, user: UnsafeMutableRawPointer?
) -> Int32 {
  guard let pointer = with(user, { $0.pointer(to: id) }) else { return 0 }
  // Not borrowed: the session releases it here.
  let stream = Unmanaged<HTTP2Stream>.fromOpaque(pointer).takeUnretainedValue()
  with(user) { $0.release(stream) }
  stream.closed(HTTP2ErrorCode(rawValue: code))
  return 0
}

/// Borrows without retaining: retain and release cost 10 % of a call. The session keeps the object
/// alive for the callback.
@inline(__always)
func lend<Object: AnyObject, Result>(
  _ pointer: UnsafeMutableRawPointer?, _ body: (Object) -> Result
) -> Result {
  guard let pointer else {
    preconditionFailure("nghttp2 always hands back the pointer that it was given")
  }
  return Unmanaged<Object>.fromOpaque(pointer)._withUnsafeGuaranteedRef(body)
}
