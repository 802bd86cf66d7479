import HTTP2
import RPC

/// The header blocks that most responses share, made once.
enum ResponseHeaders {
  /// Ahead of messages.
  static let ok = shared([":status": "200", "content-type": "application/grpc"])
  /// Ahead of messages of which some are compressed.
  static let okGzip = shared([
    ":status": "200", "content-type": "application/grpc", "grpc-encoding": "gzip",
  ])
  /// After the last message of a call that succeeded and has nothing to add.
  static let okTrailers = shared(["grpc-status": "0"])
  /// A block that is headers and trailers in one; the status follows. It names the encodings that
  /// are understood, since the request's may be the trouble (gRPC, `doc/compression.md`).
  static let only = shared([
    ":status": "200", "content-type": "application/grpc",
    "grpc-accept-encoding": "\(Compression.accepted)",
  ])

  private static func shared(_ fields: KeyValuePairs<StaticString, String>) -> HTTP2Headers {
    HTTP2Headers(HTTP2Headers.Template(HTTP2Headers(fields)))
  }

  /// The answer to a request that is not gRPC's.
  static func refusal(_ httpStatus: Int) -> HTTP2Headers {
    HTTP2Headers([":status": String(httpStatus)])
  }
}
