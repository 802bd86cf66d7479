import NIOHTTP1

/// Everything about requests and connections that can grow, with its bound, and what happens there.
package struct HTTPLimits: Sendable {
  /// A longer body is answered 413.
  package var bodyBytesMax = 4 << 20
  /// The path, or one header field; more is answered 400.
  package var fieldBytesMax = 8 << 10
  /// All header fields together; more is answered 400.
  package var fieldsBytesMax = 16 << 10
  /// More is answered 400.
  package var fieldCountMax = 100
  /// The time until a request's head is whole, from the end of the answer before it. The connection
  /// is closed then, as it is when it is idle for that long.
  package var idleTimeMax = Duration.seconds(75)
  /// The time from a request's head to the end of its body. Answered 408.
  package var requestTimeMax = Duration.seconds(60)
  /// How long a client may read nothing of what is sent to it. The connection is closed then.
  package var stallTimeMax = Duration.seconds(60)
  /// How long the rest of a request is read, and thrown away, that was answered already. The client
  /// might lose the answer if the connection were closed at once (RFC 9112 section 9.6).
  package var lingerTimeMax = Duration.seconds(5)
  /// From the first byte of a connection to its last; nil: for ever.
  package var connectionTimeMax: Duration?
  /// How often a silent stream sends a sign of life.
  package var heartbeatInterval = Duration.seconds(15)
  /// Requests of one connection, which is closed after the last; nil: any number.
  package var requestsPerConnectionMax: Int?
  /// What waits in a connection's socket before its handler waits.
  package var socketBufferBytesMax = 64 << 10

  /// How often bytes are there that wait for a client to read: in the socket's buffer, in the
  /// handler, and in what the handler reads from. They count so often for the process; where it may
  /// hold no more, the connection is closed.
  package var stalledCopies = 4

  package init() {}

  var decoder: NIOHTTPDecoderLimitConfiguration {
    var decoder = NIOHTTPDecoderLimitConfiguration()
    decoder.maxHeaderFieldSize = fieldBytesMax
    decoder.maxHeaderListSize = fieldsBytesMax
    decoder.maxHeaderFieldCount = fieldCountMax
    return decoder
  }
}
