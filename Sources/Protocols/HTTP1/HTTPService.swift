/// The routes of a server, and their common behaviour.
package struct HTTPService: Sendable {
  package let router: HTTPRouter
  /// The answer if a handler threw, or if none was reached.
  package let failed: @Sendable (any Error, HTTPRequest?) -> HTTPResponse
  /// Adds the common parts of every answer.
  package let finish: @Sendable (HTTPRequest, inout HTTPResponse) -> Void
  /// Called for each answer, once its head is sent.
  package let answered: @Sendable (HTTPRequest?, Int) -> Void

  package init(
    _ router: HTTPRouter, failed: @escaping @Sendable (any Error, HTTPRequest?) -> HTTPResponse,
    finish: @escaping @Sendable (HTTPRequest, inout HTTPResponse) -> Void = { _, _ in },
    answered: @escaping @Sendable (HTTPRequest?, Int) -> Void = { _, _ in }
  ) {
    self.router = router
    self.failed = failed
    self.finish = finish
    self.answered = answered
  }
}
