import CNGHTTP2

/// One stream of a session: subclasses receive its events and send through it.
///
/// The session holds a stream from its opening (a request's header block begins, or a request is
/// submitted) until it closes. Calls after that have no effect. Everything happens on the
/// session's thread.
open class HTTP2Stream {
  /// What follows the last byte of data.
  enum End {
    case endStream
    case trailers(HTTP2Headers)
  }

  /// Zero until the stream is opened.
  public internal(set) final var id: Int32 = 0

  /// Nil before the stream is opened and after it has closed, at the latest when the session ends:
  /// so the unchecked reference never dangles.
  public internal(set) final unowned(unsafe) var session: HTTP2Session? {
    didSet { isOpen = session != nil }
  }

  /// Stored, since reading `session` retains it, and a call checks about twenty times.
  public private(set) final var isOpen = false

  /// True once the opening HEADERS frame was sent. While false on a client, the peer cannot know
  /// the stream.
  public internal(set) final var hasSentHeaders = false

  /// The template of the header block being sent; `end` holds the trailers'.
  final var template: HTTP2Headers.Template?
  /// The peer has ended its side.
  final var hasReceivedEnd = false
  /// The stream's index in the session.
  final var slot = 0
  /// Bytes of the last received header block, counted as for `headerBytesMax`.
  public internal(set) final var headerBytes = 0
  final var outgoing = OutgoingBytes()
  final var end: End?
  /// nghttp2 found no data, and must be resumed once there is some.
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

  /// The block exceeded `headerBytesMax`; the rest of it is dropped. `receivedHeaderBlock`
  /// follows.
  open func receivedTooManyHeaderBytes() {}

  /// Data arrived. It counts against the stream's window until `consume` is called for it.
  open func receivedData(_ bytes: UnsafeBufferPointer<UInt8>) {}

  /// The peer has ended its side.
  open func receivedEnd() {}

  /// Data was sent to the socket, so `outgoingCount` has decreased.
  open func sentData() {}

  /// The stream has ended. Called exactly once for each opened stream.
  open func closed(_ code: HTTP2ErrorCode) {}
}

extension HTTP2Stream {
  /// Adds data, with up to eight bytes before it (the lowest bytes of `lead`, lowest first).
  public final func write(lead: UInt64 = 0, leadCount: Int = 0, _ body: [UInt8]) {
    guard let session, end == nil else { return }
    outgoing.append(lead: lead, leadCount: leadCount, body)
    session.resume(self)
  }

  /// Ends the stream's sending side after pending data.
  public final func finish() {
    guard let session, end == nil else { return }
    end = .endStream
    session.resume(self)
  }

  /// Ends the stream's sending side with trailers, after pending data.
  public final func finish(trailers: HTTP2Headers) {
    guard let session, end == nil else { return }
    end = .trailers(trailers)
    session.resume(self)
  }

  /// Lets the peer send this many more bytes (RFC 9113 section 6.9).
  public final func consume(_ count: Int) {
    session?.consume(self, count)
  }

  /// Ends the stream both ways at once (section 6.4).
  public final func reset(_ code: HTTP2ErrorCode) {
    session?.reset(self, code)
  }
}
