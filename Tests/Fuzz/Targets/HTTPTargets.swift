import HTTP1

/// The target of a request, and what routes make of it.
@Sendable func feedHTTPTarget(_ input: [UInt8]) {
  guard let target = try? HTTPTarget(String(decoding: input, as: UTF8.self)) else { return }
  for segment in target.segments {
    precondition(!segment.utf8.isEmpty || target.segments.count > 1)
  }
  for parameter in target.query { _ = try? target.value(parameter.name) }
  var request = HTTPRequest(method: "GET", target: target)
  let router = HTTPRouter([HTTPRoute("GET", "/a/{b}/c") { _ in HTTPResponse(200) }])
  guard (try? router.route(&request)) != nil else { return }
  precondition(request.parameters["b"] == target.segments[1])
}
