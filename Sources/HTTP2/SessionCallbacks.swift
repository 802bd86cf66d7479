import CNGHTTP2

/// nghttp2's callbacks, one table for every session of the process.
///
/// Each finds the session in the user data, and the stream in the stream's user data, both as
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
    nghttp2_session_callbacks_set_send_data_callback(table, onSendData)
    nghttp2_session_callbacks_set_on_stream_close_callback(table, onStreamClose)
  }

  /// Opens a session of nghttp2, whose owner closes it before it goes away.
  func open(
    _ role: HTTP2Session.Role, _ configuration: HTTP2Configuration, owner: HTTP2Session
  ) -> OpaquePointer {
    var created: OpaquePointer?
    let user = Unmanaged.passUnretained(owner).toOpaque()
    let result = configuration.withOptions { options in
      switch role {
      case .client: nghttp2_session_client_new2(&created, table, user, options)
      case .server: nghttp2_session_server_new2(&created, table, user, options)
      }
    }
    guard result == 0, let session = created else {
      fatalError("there is no memory for an HTTP/2 session")
    }
    return session
  }
}

private func session(_ user: UnsafeMutableRawPointer?) -> HTTP2Session {
  guard let user else {
    preconditionFailure("nghttp2 always hands back the user data it was given")
  }
  return Unmanaged<HTTP2Session>.fromOpaque(user).takeUnretainedValue()
}

/// The stream that nghttp2 speaks of; nil for the connection itself, or for one that we do not hold.
private func stream(_ handle: OpaquePointer?, _ id: Int32) -> HTTP2Stream? {
  nghttp2_session_get_stream_user_data(handle, id).map {
    Unmanaged<HTTP2Stream>.fromOpaque($0).takeUnretainedValue()
  }
}

/// Every frame of a type that nghttp2 knows, before it is looked at.
private func onBeginFrame(
  handle: OpaquePointer?, head: UnsafePointer<nghttp2_frame_hd>?, user: UnsafeMutableRawPointer?
) -> Int32 {
  session(user).frameBegan()
  return 0
}

private func onBeginHeaders(
  handle: OpaquePointer?, frame: UnsafePointer<nghttp2_frame>?, user: UnsafeMutableRawPointer?
) -> Int32 {
  guard let frame else { return 0 }
  let id = frame.pointee.hd.stream_id
  session(user).somethingMoved()
  if let stream = stream(handle, id) {
    stream.headerBytes = 0
  } else if frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST {
    let session = session(user)
    guard let stream = session.delegate?.makeStream() else { return 0 }
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
  guard let frame, let stream = stream(handle, frame.pointee.hd.stream_id) else { return 0 }
  let max = session(user).configuration.headerBytesMax
  guard stream.headerBytes <= max else { return 0 }
  stream.headerBytes += nameCount + valueCount + 32
  if stream.headerBytes > max {
    stream.receivedTooManyHeaderBytes()
  } else {
    stream.receivedHeader(
      name: UnsafeBufferPointer(start: name, count: nameCount),
      value: UnsafeBufferPointer(start: value, count: valueCount))
  }
  return 0
}

private func onFrameReceived(
  handle: OpaquePointer?, frame: UnsafePointer<nghttp2_frame>?, user: UnsafeMutableRawPointer?
) -> Int32 {
  guard let frame else { return 0 }
  let head = frame.pointee.hd
  switch nghttp2_frame_type(UInt32(head.type)) {
  case NGHTTP2_HEADERS, NGHTTP2_DATA:
    guard let stream = stream(handle, head.stream_id) else { break }
    if head.type == UInt8(NGHTTP2_HEADERS.rawValue) { stream.receivedHeaderBlock() }
    if head.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0 {
      stream.hasReceivedEnd = true
      stream.receivedEnd()
    }
  case NGHTTP2_SETTINGS where head.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) == 0:
    session(user).delegate?.sessionReceivedSettings()
  case NGHTTP2_PING:
    let isAnswer = head.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0
    let delegate = session(user).delegate
    if isAnswer { delegate?.sessionReceivedPingAnswer() } else { delegate?.sessionReceivedPing() }
  case NGHTTP2_GOAWAY:
    let goAway = frame.pointee.goaway
    session(user).delegate?.sessionReceivedGoAway(
      lastStreamID: goAway.last_stream_id, HTTP2ErrorCode(rawValue: goAway.error_code))
  default: break
  }
  return 0
}

/// The connection's window is given back at once, so that a stream whose reader is slow stops only
/// itself. What a stream may have in flight is bounded by its own window.
private func onDataChunk(
  handle: OpaquePointer?, flags: UInt8, id: Int32, bytes: UnsafePointer<UInt8>?, count: Int,
  user: UnsafeMutableRawPointer?
) -> Int32 {
  if count > 0 { session(user).somethingMoved() }
  let result = nghttp2_session_consume_connection(handle, count)
  guard result == 0 else { return result }
  stream(handle, id)?.receivedData(UnsafeBufferPointer(start: bytes, count: count))
  return 0
}

private func onFrameSent(
  handle: OpaquePointer?, frame: UnsafePointer<nghttp2_frame>?, user: UnsafeMutableRawPointer?
) -> Int32 {
  guard let frame else { return 0 }
  let type = nghttp2_frame_type(UInt32(frame.pointee.hd.type))
  let session = session(user)
  switch type {
  case NGHTTP2_HEADERS, NGHTTP2_DATA:
    session.streamFramesSent &+= 1
    session.somethingMoved()
  case NGHTTP2_RST_STREAM:
    session.sentReset(HTTP2ErrorCode(rawValue: frame.pointee.rst_stream.error_code))
  default: break
  }
  guard type == NGHTTP2_HEADERS, let stream = stream(handle, frame.pointee.hd.stream_id)
  else { return 0 }
  stream.hasSentHeaders = true
  // RFC 9113 section 8.1: a server that has answered before the request ended tells the client to
  // stop sending, with NO_ERROR.
  let hasEnded = frame.pointee.hd.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
  if hasEnded, session.role == .server,
    nghttp2_session_get_stream_remote_close(handle, stream.id) == 0
  {
    stream.reset(.noError)
  }
  return 0
}

private func onStreamClose(
  handle: OpaquePointer?, id: Int32, code: UInt32, user: UnsafeMutableRawPointer?
) -> Int32 {
  guard let stream = stream(handle, id) else { return 0 }
  session(user).release(stream)
  stream.closed(HTTP2ErrorCode(rawValue: code))
  return 0
}
