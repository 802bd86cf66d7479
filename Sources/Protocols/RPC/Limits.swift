/// The limits of calls and connections, and the consequence of each.
public struct RPCLimits: Sendable {
  /// A longer incoming message fails its call with RESOURCE_EXHAUSTED, before it is read
  /// completely.
  public var messageBytesMax = 4 << 20

  /// Names and values of one header or trailer block, plus 32 bytes for each field (RFC 9113
  /// section 6.5.2). A larger request or response ends its call with RESOURCE_EXHAUSTED. A block
  /// that decompresses to four times the limit ends the connection with ENHANCE_YOUR_CALM. If our
  /// own trailers are larger, they omit the handler's metadata, and the status says so.
  public var headerBytesMax = 16 << 10

  /// Encoded bytes of a status message. A longer one is cut and marked, since many peers take no
  /// header block above 8 KiB.
  package static let statusMessageBytesMax = 4 << 10
  /// The limit of the same message within the status's details, which are sent beside it.
  static let detailedMessageBytesMax = 1 << 10

  /// A message of a service that admits unauthenticated callers (`Service.isForStrangers`). As
  /// above; compressed ones are UNIMPLEMENTED.
  public var strangerMessageBytesMax = 64 << 10

  /// Connections to all servers of a process, on all addresses. One more is closed once accepted;
  /// its client sees UNAVAILABLE and retries later.
  public var connectionsMax = 10_000

  /// Connections from one address, or one IPv6 network. Never more than half of all.
  public var connectionsPerPeerMax = 1000

  /// The time from a request's begin to its end, if it is one message. Checked twice within the
  /// time, so it may take half as long again. The call then ends with DEADLINE_EXCEEDED, or,
  /// without complete headers, the connection with ENHANCE_YOUR_CALM. Nil: no limit.
  public var requestTimeout: Duration? = .seconds(60)

  /// Concurrent calls of one connection. One more, sent before the peer knew the limit, is refused
  /// with REFUSED_STREAM, which is safe to retry; any other ends the connection (RFC 9113 section
  /// 5.1.2). Our own client waits.
  public var concurrentStreamsMax = 1000

  /// Bytes of one call that a peer may send ahead of the handler. Then the peer waits.
  public var streamWindowBytes = 256 << 10

  /// Bytes in flight for all calls of a connection. Then the peer waits. The window is returned on
  /// arrival, so a slow handler never blocks other calls.
  public var connectionWindowBytes = 4 << 20

  /// Bytes of one call that wait to be sent. Then `send` waits.
  public var sendBufferBytesMax = 64 << 10

  /// Bytes held by the calls of one connection: headers, messages from arrival until the handler
  /// has ended (decompressed if they were compressed), handlers' read-ahead, and answers that wait
  /// for the client. A call that exceeds this ends with RESOURCE_EXHAUSTED.
  public var connectionBytesMax = 64 << 20

  /// The same for all connections of a process's servers. Each call also counts `callBytes`, so
  /// this bounds the concurrent calls, too.
  public var memoryBytesMax = 256 << 20

  /// Bytes counted for each call, beside its data.
  public var callBytes = 4 << 10

  /// Bytes in one connection's socket buffer before it takes no more from its calls, which then
  /// reach `sendBufferBytesMax`. Such a connection counts `fullSocketBytes` for the process; if
  /// that exceeds the process's limit, it is closed.
  public var socketBufferBytesMax = 64 << 10
  /// The most bytes written to a socket at once, which may wait there.
  package static let fullSocketBytes = 1 << 20

  /// Streams that a peer may reset, or cause to be reset by protocol errors, in one burst, and
  /// then each second. More end the connection with GOAWAY: such streams cost a peer nothing, and
  /// us a handler each (CVE-2023-44487, CVE-2025-8671).
  public var resetBurst = 1000
  public var resetsEachSecond = 33

  /// Frames of a header block beyond its first. More end the connection (CVE-2024-28182).
  public var continuationsMax = 8

  /// Entries of one SETTINGS frame. More end the connection with ENHANCE_YOUR_CALM.
  public var settingsEntriesMax = 32

  /// Answers to PING and SETTINGS that wait because the peer does not read. More end the
  /// connection.
  public var unreadAnswersMax = 1000

  /// Frames in a row without a request, data, or anything of ours in between. More end the
  /// connection with ENHANCE_YOUR_CALM: empty DATA, PRIORITY, SETTINGS and the like waste our time
  /// (CVE-2019-9518).
  public var idleFramesMax = 10_000
  /// Bytes in a row in the same way. A call that ended early may have a whole window of data in
  /// flight, which is dropped.
  public var idleBytesMax = 16 << 20

  /// The least time between a client's PINGs, unless something was sent to it in between. After
  /// too many early ones the connection ends with ENHANCE_YOUR_CALM (gRPC, `doc/keepalive.md`,
  /// whose servers ask for five minutes).
  public var pingIntervalMin: Duration = .seconds(10)
  public var pingStrikesMax = 2

  /// Messages in one direction of an in-process call. Then `send` waits.
  public var inProcessMessagesMax = 16

  public init() {}
}
