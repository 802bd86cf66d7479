/// What a server answers with: its routes, and what holds for all of them.
package struct HTTPService: Sendable {
  package let router: HTTPRouter
  /// Says what a request is answered whose handler threw, or that never reached one.
  package let failed: @Sendable (any Error, HTTPRequest?) -> HTTPResponse
  /// Adds what every answer to a request has.
  package let finish: @Sendable (HTTPRequest, inout HTTPResponse) -> Void
  /// Hears of each answer, once its head is sent.
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
