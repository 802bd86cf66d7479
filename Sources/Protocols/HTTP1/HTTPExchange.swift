import NIOHTTP1

/// A request and what becomes of it.
struct HTTPExchange {
  let head: HTTPRequestHead
  /// Nil: nobody knows what it is for.
  var request: HTTPRequest?
  /// Nil: it is refused, and the rest of it is thrown away.
  var handle: HTTPRoute.Handler?
  /// What is answered when the request is whole.
  var failure: HTTPFailure?
  var task: Task<Void, Never>?
  var heldBytes = 0
  var isReceived = false
  var isAnswering = false
  var isAnswered = false
  /// Whether no other request may follow on the connection.
  var isLast: Bool

  /// Whether what still comes of it is thrown away.
  var isRefused: Bool { isAnswering && !isReceived }
}
