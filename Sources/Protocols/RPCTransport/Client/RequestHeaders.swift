import HTTP2
import RPC

/// Caches the initial header block of each method's calls.
struct RequestHeaders {
  /// Programs call tens of methods. The limit guards against one that generates names.
  private static let countMax = 1000

  let scheme: String
  let authority: String
  private var templates: [String: HTTP2Headers.Template] = [:]

  init(scheme: String, authority: String) {
    self.scheme = scheme
    self.authority = authority
  }

  mutating func template(_ method: Method) -> HTTP2Headers.Template {
    if let template = templates[method.path] { return template }
    if templates.count == Self.countMax { templates.removeAll() }
    let template = HTTP2Headers.Template(fields(method))
    templates[method.path] = template
    return template
  }

  /// gRPC, `doc/PROTOCOL-HTTP2.md`, Request-Headers.
  private func fields(_ method: Method) -> HTTP2Headers {
    HTTP2Headers([
      ":method": "POST", ":scheme": scheme, ":path": method.path, ":authority": authority,
      "content-type": "application/grpc", "te": "trailers",
      "grpc-accept-encoding": "\(Compression.accepted)",
    ])
  }
}
