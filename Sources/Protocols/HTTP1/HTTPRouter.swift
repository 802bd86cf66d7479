/// Handles requests with one method to paths of one pattern.
package struct HTTPRoute: Sendable {
  package typealias Handler = @Sendable (HTTPRequest) async throws -> HTTPResponse

  /// In upper case. A route for GET answers HEAD, too.
  package let method: String
  /// For example `/v1/domains/{domain}/log`, where `{domain}` matches any one segment.
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

  /// The path's segments for the pattern's parameters; nil: the path does not match.
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

/// Finds the route of a request.
package struct HTTPRouter: Sendable {
  private let routes: [HTTPRoute]
  private let answersOptions: Bool

  /// - Parameters:
  ///   - routes: the first match wins.
  ///   - answersOptions: true: OPTIONS lists the methods of any known path.
  package init(_ routes: [HTTPRoute], answersOptions: Bool = true) {
    self.routes = routes
    self.answersOptions = answersOptions
  }

  /// The handler of a request; sets the request's parameters and pattern.
  ///
  /// Throws a failure 404, or 405 with the allowed methods (RFC 9110 section 15.5.6).
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
