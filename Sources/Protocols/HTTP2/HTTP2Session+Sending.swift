import CNGHTTP2

// Sending. nghttp2 refuses a frame only if memory runs out, or for wrong arguments, which are our
// bug. Frames for a stream that has closed meanwhile are dropped without an error.
extension HTTP2Session {
  /// Client: opens a stream. False if the connection is closed or out of stream numbers.
  ///
  /// Waits if the peer's limit of streams is reached.
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

  /// Server: begins the answer; data and end follow on the stream.
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

  /// Server: sends the whole answer in one header block.
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

  /// Sends a PING (RFC 9113 section 6.7).
  public func ping() {
    guard let handle else { return }
    check(nghttp2_submit_ping(handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil))
    delegate?.sessionHasOutput()
  }

  /// Server: announces shutdown, and still accepts streams in flight.
  ///
  /// After a round trip, `sendGoAway` names the last stream (section 6.8).
  public func announceShutdown() {
    guard let handle else { return }
    check(nghttp2_submit_shutdown_notice(handle))
    delegate?.sessionHasOutput()
  }

  /// Tells the peer that no later stream is accepted, and why (section 6.8: debug data, which a
  /// program may read, too).
  public func sendGoAway(_ code: HTTP2ErrorCode = .noError, reason: StaticString = "") {
    guard let handle else { return }
    let last = nghttp2_session_get_last_proc_stream_id(handle)
    check(
      nghttp2_submit_goaway(
        handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), last, code.rawValue, reason.utf8Start,
        reason.utf8CodeUnitCount))
    delegate?.sessionHasOutput()
  }

  /// Sends GOAWAY; the session is finished once that has been sent.
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
      // Fails if the stream's end is already queued, which needs no resuming.
      _ = nghttp2_session_resume_data(handle, stream.id)
    }
    delegate?.sessionHasOutput()
  }

  func reset(_ stream: HTTP2Stream, _ code: HTTP2ErrorCode) {
    guard let handle else { return }
    // A stream that ended both ways closes by itself. A reset would reach a peer that has
    // forgotten the stream and may be closing the connection; its reaction could discard our last
    // bytes.
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

  /// Arguments are ours, so an error here is our bug; out of memory traps, as in Swift.
  func check(_ result: Int32) {
    precondition(result == 0, "nghttp2: \(String(cString: nghttp2_strerror(result)))")
  }
}

extension HTTP2Session {
  /// nghttp2's user data of a stream; nil for the connection itself, or for a stream that we do
  /// not hold.
  func pointer(to id: Int32) -> UnsafeMutableRawPointer? {
    if latest.id != id { latest = (id, nghttp2_session_get_stream_user_data(handle, id)) }
    return latest.pointer
  }

  /// Adds a stream to the session.
  func hold(_ stream: HTTP2Stream, _ id: Int32) {
    stream.id = id
    stream.session = self
    latest = (id, Unmanaged.passUnretained(stream).toOpaque())
    stream.slot = streams.count
    streams.append(stream)
  }

  /// Removes a closed stream; the last one takes its slot.
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
