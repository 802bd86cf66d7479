/// What answers requests of one method to paths of one pattern.
package struct HTTPRoute: Sendable {
  package typealias Handler = @Sendable (HTTPRequest) async throws -> HTTPResponse

  /// In upper case. A route for GET answers HEAD, too.
  package let method: String
  /// Such as `/v1/domains/{domain}/log`, where `{domain}` stands for any one segment.
  package let pattern: String
  package let handle: Handler
  private let segments: [Segment]

  private enum Segment: Sendable {
    case text(String)
    case parameter(String)
  }

  package init(_ method: String, _ pattern: String, _ handle: @escaping Handler) {
    self.method = method
    self.pattern = pattern
    self.handle = handle
    segments = pattern.split(separator: "/").map { segment in
      segment.hasPrefix("{")
        ? .parameter(String(segment.dropFirst().dropLast())) : .text(String(segment))
    }
  }

  /// What stands in the path at the places that the pattern names; nil: the path is another.
  fileprivate func match(_ path: [String]) -> [String: String]? {
    guard path.count == segments.count else { return nil }
    var parameters: [String: String] = [:]
    for (segment, text) in zip(segments, path) {
      switch segment {
      case .text(let wanted): guard text == wanted else { return nil }
      case .parameter(let name): parameters[name] = text
      }
    }
    return parameters
  }
}

/// Finds what answers a request.
package struct HTTPRouter: Sendable {
  private let routes: [HTTPRoute]
  private let answersOptions: Bool

  /// - Parameters:
  ///   - routes: the first that fits counts.
  ///   - answersOptions: whether OPTIONS tells the methods of every path that there is.
  package init(_ routes: [HTTPRoute], answersOptions: Bool = true) {
    self.routes = routes
    self.answersOptions = answersOptions
  }

  /// The handler of a request, whose parameters and pattern are set.
  ///
  /// Throws a failure 404, or 405 with the methods that are allowed (RFC 9110 section 15.5.6).
  package func route(_ request: inout HTTPRequest) throws(HTTPFailure) -> HTTPRoute.Handler {
    let wanted = request.method == "HEAD" ? "GET" : request.method
    var allowed: [String] = []
    for route in routes {
      guard let parameters = route.match(request.target.segments) else { continue }
      request.pattern = route.pattern
      guard route.method == wanted else {
        allowed += route.method == "GET" ? ["GET", "HEAD"] : [route.method]
        continue
      }
      request.parameters = parameters
      return route.handle
    }
    guard request.pattern != nil else { throw HTTPFailure(404, "there is nothing at this path") }
    if answersOptions { allowed.append("OPTIONS") }
    let fields: HTTPFields = ["Allow": allowed.joined(separator: ", ")]
    if answersOptions, request.method == "OPTIONS" { return { _ in HTTPResponse(204, fields) } }
    throw HTTPFailure(
      405, "\(request.method) is not for this path; allowed: \(fields["Allow"] ?? "")",
      fields: fields)
  }
}
