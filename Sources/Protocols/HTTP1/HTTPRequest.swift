import RPC

/// A request, as a handler sees it.
package struct HTTPRequest: Sendable {
  /// In upper case, as it came: "GET".
  package let method: String
  package let target: HTTPTarget
  package let fields: HTTPFields
  /// The body, whole; at most `HTTPLimits.bodyBytesMax` bytes.
  package internal(set) var body: [UInt8] = []
  /// What stands in the path at the places that the route's pattern names.
  package internal(set) var parameters: [String: String] = [:]
  /// The pattern of its route, for metrics; nil: it has none.
  package internal(set) var pattern: String?
  /// Who is connected, for logs: "127.0.0.1:50312".
  package let peer: String
  /// Whom the connection's certificate names.
  package let caller: Caller
  /// Counts bytes as the process's; false: it may hold no more. Nil: nobody counts.
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

  /// Says that so many bytes more are held for the answer, until it has been sent. Throws a failure
  /// 503 where the process may hold no more.
  package func hold(_ count: Int) async throws(HTTPFailure) {
    guard await holding?(count) ?? true else { throw .noRoom }
  }
}
