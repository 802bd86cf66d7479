import CNGHTTP2

/// One stream of a session: a subclass is told what comes in, and sends through what is here.
///
/// The session holds a stream from its opening (a request's header block begins, or a request is
/// submitted) until it closes. What completes later, on a stream that has closed, has no effect.
/// Everything happens on the session's thread.
open class HTTP2Stream {
  /// What comes after the last byte of data.
  enum End {
    case endStream
    case trailers(HTTP2Headers)
  }

  /// Zero until the stream is opened.
  public internal(set) final var id: Int32 = 0

  /// Nil before the stream is opened and after it has closed, as it has at the latest when the
  /// session goes: so what is not checked here never dangles.
  public internal(set) final unowned(unsafe) var session: HTTP2Session? {
    didSet { isOpen = session != nil }
  }

  /// Stored, since a look at `session` retains it, and a call asks some twenty times.
  public private(set) final var isOpen = false

  /// Whether the opening HEADERS frame left. While false on a client, the peer cannot know of the
  /// stream.
  public internal(set) final var hasSentHeaders = false

  /// Of the header block that is on its way; `end` holds the trailers'.
  final var template: HTTP2Headers.Template?
  /// The peer's side has ended.
  final var hasReceivedEnd = false
  /// Where the session holds this stream.
  final var slot = 0
  /// Of the header block that came last, as `headerBytesMax` counts.
  public internal(set) final var headerBytes = 0
  final var outgoing = OutgoingBytes()
  final var end: End?
  /// nghttp2 asked for data when there was none, and has to be told once there is.
  final var isDeferred = false

  public init() {}

  /// Bytes that wait for the peer's window or for the socket.
  public final var outgoingCount: Int { outgoing.count }

  /// One field of a header block or trailer block. The buffers end with the call.
  open func receivedHeader(
    name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>
  ) {}

  /// The block is complete.
  open func receivedHeaderBlock() {}

  /// The block went over `headerBytesMax`; the rest of it is dropped. `receivedHeaderBlock`
  /// follows.
  open func receivedTooManyHeaderBytes() {}

  /// Some data. It counts against the stream's window until `consume` is called for it.
  open func receivedData(_ bytes: UnsafeBufferPointer<UInt8>) {}

  /// The peer will send nothing more.
  open func receivedEnd() {}

  /// Data left for the socket, so that `outgoingCount` is less than before.
  open func sentData() {}

  /// The stream is over. Called exactly once for each stream that was opened.
  open func closed(_ code: HTTP2ErrorCode) {}
}

extension HTTP2Stream {
  /// Adds data, with up to eight bytes before it (the lowest bytes of `lead`, lowest first).
  public final func write(lead: UInt64 = 0, leadCount: Int = 0, _ body: [UInt8]) {
    guard let session, end == nil else { return }
    outgoing.append(lead: lead, leadCount: leadCount, body)
    session.resume(self)
  }

  /// No more data follows; the stream's sending side ends after what waits.
  public final func finish() {
    guard let session, end == nil else { return }
    end = .endStream
    session.resume(self)
  }

  /// No more data follows; the stream's sending side ends with trailers, after what waits.
  public final func finish(trailers: HTTP2Headers) {
    guard let session, end == nil else { return }
    end = .trailers(trailers)
    session.resume(self)
  }

  /// Lets the peer send this many bytes more (RFC 9113 section 6.9).
  public final func consume(_ count: Int) {
    session?.consume(self, count)
  }

  /// Ends the stream both ways at once (section 6.4).
  public final func reset(_ code: HTTP2ErrorCode) {
    session?.reset(self, code)
  }
}
