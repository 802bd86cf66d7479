import HTTP2
import RPC

/// Common header blocks of responses, made once.
enum ResponseHeaders {
  /// For responses with messages.
  static let ok = shared([":status": "200", "content-type": "application/grpc"])
  /// For responses with compressed messages.
  static let okGzip = shared([
    ":status": "200", "content-type": "application/grpc", "grpc-encoding": "gzip",
  ])
  /// For a successful call without further metadata, after its last message.
  static let okTrailers = shared(["grpc-status": "0"])
  /// Headers and trailers in one block; the status follows. Lists the accepted encodings, since
  /// the request's may be the problem (gRPC, `doc/compression.md`).
  static let only = shared([
    ":status": "200", "content-type": "application/grpc",
    "grpc-accept-encoding": "\(Compression.accepted)",
  ])

  private static func shared(_ fields: KeyValuePairs<StaticString, String>) -> HTTP2Headers {
    HTTP2Headers(HTTP2Headers.Template(HTTP2Headers(fields)))
  }

  /// The answer to a request that is not gRPC.
  static func refusal(_ httpStatus: Int) -> HTTP2Headers {
    HTTP2Headers([":status": String(httpStatus)])
  }
}
