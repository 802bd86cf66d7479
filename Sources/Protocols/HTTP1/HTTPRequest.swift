import RPC

/// A request for a handler.
package struct HTTPRequest: Sendable {
  /// Upper case, as received: "GET".
  package let method: String
  package let target: HTTPTarget
  package let fields: HTTPFields
  /// The complete body; at most `HTTPLimits.bodyBytesMax` bytes.
  package internal(set) var body: [UInt8] = []
  /// The path's segments for the route's parameters.
  package internal(set) var parameters: [String: String] = [:]
  /// The route's pattern, for metrics; nil: none matched.
  package internal(set) var pattern: String?
  /// The client's address, for logs: "127.0.0.1:50312".
  package let peer: String
  /// The caller by the connection's certificate.
  package let caller: Caller
  /// Charges bytes to the process; false: the limit is reached. Nil: bytes are not counted.
  var holding: (@Sendable (Int) async -> Bool)?

  package init(
    method: String, target: HTTPTarget, fields: HTTPFields = [:], body: [UInt8] = [],
    peer: String = "", caller: Caller = .anonymous
  ) {
    self.method = method
    self.target = target
    self.fields = fields
    self.body = body
    self.peer = peer
    self.caller = caller
  }

  /// Charges further bytes for the answer until it has been sent. Throws a failure 503 if the
  /// process has reached its limit.
  package func hold(_ count: Int) async throws(HTTPFailure) {
    guard await holding?(count) ?? true else { throw .noRoom }
  }
}
