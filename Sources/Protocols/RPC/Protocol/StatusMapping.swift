extension RPCStatus {
  /// The status of a response without one, by its HTTP status (gRPC,
  /// `doc/http-grpc-status-mapping.md`).
  package init(httpStatus: Int) {
    let code: Code =
      switch httpStatus {
      case 400: .internal
      case 401: .unauthenticated
      case 403: .permissionDenied
      case 404: .unimplemented
      case 429, 502, 503, 504: .unavailable
      default: .unknown
      }
    self.init(code, "the server answered with the HTTP status \(httpStatus)")
  }

  /// The status of a call whose stream was reset, by HTTP/2's error code (gRPC,
  /// `doc/PROTOCOL-HTTP2.md`, Errors).
  package init(resetWith errorCode: UInt32) {
    let text = "the server reset the stream with the error code \(errorCode)"
    switch errorCode {
    case 0x7:
      // REFUSED_STREAM promises that the request was not processed (RFC 9113 section 8.7).
      self.init(.unavailable, "the server refused the stream", isNeverProcessed: true)
    case 0x8: self.init(.cancelled, text)
    case 0xb: self.init(.resourceExhausted, text)
    case 0xc: self.init(.permissionDenied, text)
    default: self.init(.internal, text)
    }
  }
}
