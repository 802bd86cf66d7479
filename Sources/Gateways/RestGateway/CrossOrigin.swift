import HTTP1

/// Lets browser pages of other origins read answers (the Fetch standard, *CORS protocol*).
struct CrossOrigin: Sendable {
  private static let methods = "GET, HEAD, POST, OPTIONS"
  private static let requestFields =
    "Authorization, Content-Type, Idempotency-Key, If-Match, Last-Event-ID, Prefer, "
    + "Request-Timeout, traceparent, tracestate"
  private static let responseFields = "ETag, Link, Location, Preference-Applied, Retry-After"

  /// For example `https://shop.example`; `*` allows every origin.
  let origins: [String]

  func finish(_ request: HTTPRequest, _ response: inout HTTPResponse) {
    guard !origins.isEmpty else { return }
    response.fields.append("Vary", "Origin")
    guard let origin = request.fields["Origin"], allows(origin) else { return }
    response.fields.append(
      "Access-Control-Allow-Origin", origins.contains("*") ? "*" : origin)
    response.fields.append("Access-Control-Expose-Headers", Self.responseFields)
    guard request.method == "OPTIONS",
      request.fields["Access-Control-Request-Method"] != nil
    else { return }
    response.fields.append("Access-Control-Allow-Methods", Self.methods)
    response.fields.append("Access-Control-Allow-Headers", Self.requestFields)
    response.fields.append("Access-Control-Max-Age", "600")
  }

  private func allows(_ origin: String) -> Bool {
    origins.contains("*") || origins.contains { $0.utf8.elementsEqual(origin.utf8) }
  }
}
