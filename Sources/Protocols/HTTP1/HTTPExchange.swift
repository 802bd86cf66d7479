import NIOHTTP1

/// A request and its progress.
struct HTTPExchange {
  let head: HTTPRequestHead
  /// Nil if no route matched.
  var request: HTTPRequest?
  /// Nil: the request is refused, and its rest is discarded.
  var handle: HTTPRoute.Handler?
  /// The answer once the request is complete.
  var failure: HTTPFailure?
  var task: Task<Void, Never>?
  var heldBytes = 0
  var isReceived = false
  var isAnswering = false
  var isAnswered = false
  /// True if no other request may follow on the connection.
  var isLast: Bool

  /// True if the rest of the request is discarded.
  var isRefused: Bool { isAnswering && !isReceived }
}
