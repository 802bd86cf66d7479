import NIOCore
import NIOHTTP1

/// Everything about those who ask for metrics that could grow.
package struct MetricsLimits: Sendable {
  /// At once. One more is closed as soon as it is taken.
  var connectionsMax = 16
  /// The time of a connection from its first byte to its last, the handshake of TLS among them.
  var connectionTime = TimeAmount.seconds(10)
  /// What a request may say beside its headers; more closes the connection.
  var bodyBytesMax = 16 << 10
  /// Path and headers; more are answered 400.
  var headers: NIOHTTPDecoderLimitConfiguration = {
    var headers = NIOHTTPDecoderLimitConfiguration()
    headers.maxHeaderFieldSize = 8 << 10
    headers.maxHeaderListSize = 16 << 10
    headers.maxHeaderFieldCount = 100
    return headers
  }()
}
