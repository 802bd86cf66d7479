import HTTP2
import RPC

// The output of a call, beside its messages.
extension ServerStream {
  /// Bounds the answers kept for a client that does not read.
  func checkRoom(for message: Message) throws(RPCStatus) {
    if !connection.hasRoom(for: message.count) { throw connection.overload(message.count) }
  }

  var compression: Compression { mayCompress ? wantedCompression : .identity }

  func beginResponse() {
    guard !hasBegunResponse else { return }
    mayCompress = wantedCompression == .gzip && head.acceptsGzip
    var headers = mayCompress ? ResponseHeaders.okGzip : ResponseHeaders.ok
    if let initialMetadata { headers.append(initialMetadata) }
    let limit = connection.limits.headerBytesMax
    guard headers.listBytes <= limit else {
      self.initialMetadata = nil
      return end(
        RPCStatus(.internal, "the handler's initial metadata is longer than \(limit) bytes"))
    }
    hasBegunResponse = true
    connection.session.respond(self, headers)
  }

  func trailers(_ status: RPCStatus, after headers: HTTP2Headers? = nil) -> HTTP2Headers {
    if headers == nil, status.code == .ok, trailingMetadata == nil {
      return ResponseHeaders.okTrailers
    }
    var trailers = headers ?? HTTP2Headers()
    if headers != nil, let initialMetadata { trailers.append(initialMetadata) }
    trailers.append(status)
    if let trailingMetadata { trailers.append(trailingMetadata) }
    let limit = connection.limits.headerBytesMax
    if trailers.listBytes <= limit { return trailers }
    var bare = headers ?? HTTP2Headers()
    bare.append(status.withoutMetadata(beyond: limit))
    return bare
  }

  func refuse(_ httpStatus: Int) {
    isAnswered = true
    connection.session.respondOnly(self, ResponseHeaders.refusal(httpStatus))
  }
}
