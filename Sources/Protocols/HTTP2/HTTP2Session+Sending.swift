import CNGHTTP2

// What the owner of a session may send. nghttp2 refuses a frame only if memory runs out or if its
// arguments are wrong, which is a bug of ours; a stream that closed in the meantime is no error,
// and the frame is dropped.
extension HTTP2Session {
  /// Client: opens a stream. False if the connection has no stream numbers left, or is closed.
  ///
  /// If the peer has as many streams as it wants, the request waits its turn.
  public func open(_ stream: HTTP2Stream, _ headers: HTTP2Headers) -> Bool {
    guard let handle else { return false }
    var provider = Self.dataProvider(of: stream)
    let id = headers.withFields { fields, count in
      nghttp2_submit_request(
        handle, nil, fields, count, &provider, Unmanaged.passUnretained(stream).toOpaque())
    }
    guard id > 0 else { return false }
    stream.template = headers.template
    hold(stream, id)
    delegate?.sessionHasOutput()
    return true
  }

  /// Server: begins the answer; data and an end follow by way of the stream.
  public func respond(_ stream: HTTP2Stream, _ headers: HTTP2Headers) {
    guard let handle, stream.isOpen else { return }
    stream.template = headers.template
    var provider = Self.dataProvider(of: stream)
    let result = headers.withFields { fields, count in
      nghttp2_submit_response(handle, stream.id, fields, count, &provider)
    }
    check(result)
    delegate?.sessionHasOutput()
  }

  /// Server: the whole answer is one header block.
  public func respondOnly(_ stream: HTTP2Stream, _ headers: HTTP2Headers) {
    guard let handle, stream.isOpen else { return }
    stream.end = .endStream
    stream.template = headers.template
    let result = headers.withFields { fields, count in
      nghttp2_submit_response(handle, stream.id, fields, count, nil)
    }
    check(result)
    delegate?.sessionHasOutput()
  }

  /// Asks the peer for a sign of life (RFC 9113 section 6.7).
  public func ping() {
    guard let handle else { return }
    check(nghttp2_submit_ping(handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil))
    delegate?.sessionHasOutput()
  }

  /// Server: tells the peer to open no more streams, and still takes those that are on their way.
  ///
  /// After a round trip, `sendGoAway` says which was the last (section 6.8).
  public func announceShutdown() {
    guard let handle else { return }
    check(nghttp2_submit_shutdown_notice(handle))
    delegate?.sessionHasOutput()
  }

  /// Tells the peer that the streams that were opened so far are the last ones, and why (section
  /// 6.8: debug data, which a program may read too).
  public func sendGoAway(_ code: HTTP2ErrorCode = .noError, reason: StaticString = "") {
    guard let handle else { return }
    let last = nghttp2_session_get_last_proc_stream_id(handle)
    check(
      nghttp2_submit_goaway(
        handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), last, code.rawValue, reason.utf8Start,
        reason.utf8CodeUnitCount))
    delegate?.sessionHasOutput()
  }

  /// Ends the connection once this word has been sent; the session is finished then.
  public func terminate(_ code: HTTP2ErrorCode) {
    guard let handle else { return }
    isTerminated = true
    check(nghttp2_session_terminate_session(handle, code.rawValue))
    delegate?.sessionHasOutput()
  }

  func resume(_ stream: HTTP2Stream) {
    guard let handle else { return }
    if stream.isDeferred {
      stream.isDeferred = false
      // Refused if the stream's end is already queued, which needs no resuming.
      _ = nghttp2_session_resume_data(handle, stream.id)
    }
    delegate?.sessionHasOutput()
  }

  func reset(_ stream: HTTP2Stream, _ code: HTTP2ErrorCode) {
    guard let handle else { return }
    // A stream that has ended both ways closes by itself. A reset would reach a peer that knows it
    // no more, and that may be closing the connection: what it said last would be lost with the
    // answer to that.
    if stream.hasReceivedEnd, nghttp2_session_get_stream_local_close(handle, stream.id) == 1 {
      return
    }
    check(
      nghttp2_submit_rst_stream(
        handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.id, code.rawValue))
    delegate?.sessionHasOutput()
  }

  func consume(_ stream: HTTP2Stream, _ count: Int) {
    guard let handle, count > 0 else { return }
    check(nghttp2_session_consume_stream(handle, stream.id, count))
    if nghttp2_session_want_write(handle) != 0 { delegate?.sessionHasOutput() }
  }

  func submitSettings() {
    func entry(_ id: nghttp2_settings_id, _ value: Int) -> nghttp2_settings_entry {
      nghttp2_settings_entry(settings_id: Int32(id.rawValue), value: UInt32(clamping: value))
    }
    let peerMayOpen = role == .server ? configuration.concurrentStreamsMax : 0
    var settings = [
      entry(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, peerMayOpen),
      entry(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, configuration.streamWindowBytes),
      entry(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, configuration.headerBytesMax),
    ]
    if role == .client { settings.append(entry(NGHTTP2_SETTINGS_ENABLE_PUSH, 0)) }
    check(
      nghttp2_submit_settings(
        handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), &settings, settings.count))
    check(
      nghttp2_session_set_local_window_size(
        handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0,
        Int32(clamping: configuration.connectionWindowBytes)))
  }

  /// Arguments are ours, so an error here is our bug; running out of memory ends the process in
  /// Swift.
  func check(_ result: Int32) {
    precondition(result == 0, "nghttp2: \(String(cString: nghttp2_strerror(result)))")
  }
}

extension HTTP2Session {
  /// What nghttp2 knows a stream by; nil for the connection itself, or for a stream that we do not
  /// hold.
  func pointer(to id: Int32) -> UnsafeMutableRawPointer? {
    if latest.id != id { latest = (id, nghttp2_session_get_stream_user_data(handle, id)) }
    return latest.pointer
  }

  /// The session holds a stream from now on.
  func hold(_ stream: HTTP2Stream, _ id: Int32) {
    stream.id = id
    stream.session = self
    latest = (id, Unmanaged.passUnretained(stream).toOpaque())
    stream.slot = streams.count
    streams.append(stream)
  }

  /// The stream closed: the last one takes its place.
  func release(_ stream: HTTP2Stream) {
    latest = (0, nil)
    closed(stream)
    let last = streams.removeLast()
    if last !== stream {
      streams[stream.slot] = last
      last.slot = stream.slot
    }
    stream.session = nil
  }
}
