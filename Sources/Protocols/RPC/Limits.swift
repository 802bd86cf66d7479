/// Everything in a call or a connection that can grow, with its bound, and what happens there.
public struct RPCLimits: Sendable {
  /// A longer message that comes in fails its call with RESOURCE_EXHAUSTED, before it is read
  /// whole.
  public var messageBytesMax = 4 << 20

  /// Names and values of one header or trailer block, with 32 bytes for each field (RFC 9113
  /// section 6.5.2). A request beyond it ends with RESOURCE_EXHAUSTED; so does a call whose
  /// response is. A block that unpacks to four times as much ends the connection with
  /// ENHANCE_YOUR_CALM. Trailers of ours that are longer go without the handler's metadata, and the
  /// status says so.
  public var headerBytesMax = 16 << 10

  /// A status message, as it travels. A longer one is cut there, and marked: many peers take no
  /// header block of more than 8 KiB.
  package static let statusMessageBytesMax = 4 << 10
  /// The same message within the status's details, which travel beside it.
  static let detailedMessageBytesMax = 1 << 10

  /// A message of a service that is for strangers (`Service.isForStrangers`). As above; compressed
  /// ones are UNIMPLEMENTED.
  public var strangerMessageBytesMax = 64 << 10

  /// Connections that the servers of a process hold at once, on all their addresses. One more is
  /// closed as soon as it is taken, which its client sees as UNAVAILABLE and tries again later.
  public var connectionsMax = 10_000

  /// The same from one address, or one network of IPv6: at most half of all, whatever is here.
  public var connectionsPerPeerMax = 1000

  /// The time from the begin of a request to its end, where that is one message; checked twice in
  /// it, so it may become half as much again. The call ends with DEADLINE_EXCEEDED then, and if not
  /// even its headers are whole, the connection with ENHANCE_YOUR_CALM. Nil: for ever.
  public var requestTimeout: Duration? = .seconds(60)

  /// Calls that a peer may have in flight on one connection. One more that was sent before the peer
  /// heard of the limit is refused with REFUSED_STREAM, which a client may safely send again; any
  /// other ends the connection (RFC 9113 section 5.1.2). Our own client waits for its turn.
  public var concurrentStreamsMax = 1000

  /// Bytes of one call that a peer may send ahead of the handler that reads them. The peer waits.
  public var streamWindowBytes = 256 << 10

  /// Bytes of all calls of a connection on their way at once. The peer waits. It is given back on
  /// arrival, so one slow handler never stops the calls beside it.
  public var connectionWindowBytes = 4 << 20

  /// Bytes that one call may have waiting to be sent. `send` waits.
  public var sendBufferBytesMax = 64 << 10

  /// Bytes that the calls of one connection hold: headers, messages from their arrival until the
  /// handler has ended, unpacked where they were compressed, what handlers read ahead, and answers
  /// that wait because the client does not read. A call that goes beyond ends with
  /// RESOURCE_EXHAUSTED.
  public var connectionBytesMax = 64 << 20

  /// The same of all connections of the servers of a process. Each call counts `callBytes` beside,
  /// so this is a bound on the calls in flight, too.
  public var memoryBytesMax = 256 << 20

  /// What a call in flight counts for, beside its bytes.
  public var callBytes = 4 << 10

  /// Bytes that one connection may have waiting in its socket before it takes no more from the
  /// calls. They keep theirs, and so run into `sendBufferBytesMax`. Such a connection counts
  /// `fullSocketBytes` for the process; where that may hold no more, it is closed.
  public var socketBufferBytesMax = 64 << 10
  /// The most that is handed to a socket at once, and waits there.
  package static let fullSocketBytes = 1 << 20

  /// Streams that a peer may reset, or have reset by breaking the protocol, in one burst, and then
  /// each second. Beyond that the connection ends with GOAWAY: opening and resetting for ever costs
  /// a peer nothing and us a handler each time (CVE-2023-44487, CVE-2025-8671).
  public var resetBurst = 1000
  public var resetsEachSecond = 33

  /// Frames that a header block may be spread over, beyond its first. More end the connection
  /// (CVE-2024-28182).
  public var continuationsMax = 8

  /// Entries of one SETTINGS frame. More end the connection with ENHANCE_YOUR_CALM.
  public var settingsEntriesMax = 32

  /// Answers to PING and SETTINGS that wait because the peer does not read. More end the
  /// connection.
  public var unreadAnswersMax = 1000

  /// Frames that a peer may send without a request, data, or anything of ours between them. More
  /// end the connection with ENHANCE_YOUR_CALM: empty DATA, PRIORITY, SETTINGS and their like cost
  /// us time for nothing (CVE-2019-9518).
  public var idleFramesMax = 10_000
  /// Bytes that a peer may send in the same way: a call that ended early may have a whole window of
  /// data on its way, which is dropped.
  public var idleBytesMax = 16 << 20

  /// A client's PING that comes sooner than this after its last one, with nothing sent to the
  /// client in between, is one too many; after so many of them the connection ends with
  /// ENHANCE_YOUR_CALM (gRPC, `doc/keepalive.md`, whose servers ask for five minutes).
  public var pingIntervalMin: Duration = .seconds(10)
  public var pingStrikesMax = 2

  /// Messages that one direction of an in-process call may hold. `send` waits.
  public var inProcessMessagesMax = 16

  public init() {}
}
