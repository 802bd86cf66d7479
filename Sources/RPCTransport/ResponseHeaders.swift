import HTTP2

/// The header blocks that most responses share, made once.
enum ResponseHeaders {
  /// Ahead of messages.
  static let ok = shared([":status": "200", "content-type": "application/grpc"])
  /// After the last message of a call that succeeded and has nothing to add.
  static let okTrailers = shared(["grpc-status": "0"])
  /// A block that is headers and trailers in one; the status follows. It names the one encoding that is
  /// understood, since the request's may be the trouble (gRPC, `doc/compression.md`).
  static let only = shared([
    ":status": "200", "content-type": "application/grpc", "grpc-accept-encoding": "identity",
  ])

  private static func shared(_ fields: KeyValuePairs<StaticString, String>) -> HTTP2Headers {
    HTTP2Headers(HTTP2Headers.Template(HTTP2Headers(fields)))
  }

  /// The answer to a request that is not gRPC's.
  static func refusal(_ httpStatus: Int) -> HTTP2Headers {
    HTTP2Headers([":status": String(httpStatus)])
  }
}
