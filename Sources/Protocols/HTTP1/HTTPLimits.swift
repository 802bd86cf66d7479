import NIOHTTP1

/// The limits of requests and connections, and the consequence of each.
package struct HTTPLimits: Sendable {
  /// A longer body is answered 413.
  package var bodyBytesMax = 4 << 20
  /// The path, or one header field; more is answered 400.
  package var fieldBytesMax = 8 << 10
  /// All header fields together; more is answered 400.
  package var fieldsBytesMax = 16 << 10
  /// More is answered 400.
  package var fieldCountMax = 100
  /// The time from the end of an answer to the end of the next request's head. The connection is
  /// then closed.
  package var idleTimeMax = Duration.seconds(75)
  /// The time from a request's head to the end of its body. Answered 408.
  package var requestTimeMax = Duration.seconds(60)
  /// The longest time that a client reads nothing of an answer. The connection is then closed.
  package var stallTimeMax = Duration.seconds(60)
  /// The time for which the rest of an answered request is read and discarded. Closing the
  /// connection at once could lose the answer (RFC 9112 section 9.6).
  package var lingerTimeMax = Duration.seconds(5)
  /// From the first byte of a connection to its last; nil: no limit.
  package var connectionTimeMax: Duration?
  /// The interval of heartbeats on a silent stream.
  package var heartbeatInterval = Duration.seconds(15)
  /// Requests of one connection, which is closed after the last; nil: no limit.
  package var requestsPerConnectionMax: Int?
  /// Bytes in a connection's socket buffer before its handler waits.
  package var socketBufferBytesMax = 64 << 10

  /// Copies of bytes that wait for a client: in the socket's buffer, in the handler, and in the
  /// handler's source. The process is charged for all; at its limit, the connection is closed.
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
