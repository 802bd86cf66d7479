/// The address and protocol of business logic: gRPC at an endpoint, or HTTP/1.1 at
/// `http://HOST[:PORT][/BASE]` or `https://`.
public struct LogicAddress: Sendable, Hashable {
  public var endpoint: Endpoint
  /// Nil: gRPC.
  public let web: Web?

  /// The rest of a web address, besides host and port.
  public struct Web: Sendable, Hashable {
    /// The prefix of each path: empty, or `/functions`.
    public let base: String
    public let isSecure: Bool

    var scheme: String { isSecure ? "https" : "http" }
  }

  public init(_ endpoint: Endpoint) { self.init(endpoint, nil) }

  private init(_ endpoint: Endpoint, _ web: Web?) {
    self.endpoint = endpoint
    self.web = web
  }

  public var `protocol`: LogicProtocol { web == nil ? .grpc : .http }

  /// The host, with the port unless it is the default (RFC 9110 section 7.2).
  package var authority: String {
    switch endpoint {
    case .tcp(let host, web?.isSecure == true ? 443 : 80):
      host.contains(":") ? "[\(host)]" : host
    case .tcp: "\(endpoint)"
    case .unix: "localhost"
    }
  }

  /// The same address over HTTP.
  var overHTTP: LogicAddress {
    LogicAddress(endpoint, web ?? Web(base: "", isSecure: false))
  }
}

/// A protocol of business logic.
public enum LogicProtocol: String, CaseIterable, Sendable {
  case grpc
  /// HTTP/1.1, with the records of `functions.avsc` as bodies. Only for functions.
  case http
}

extension LogicAddress: LosslessStringConvertible {
  /// Nil if the text is malformed, or has a user, a query or a fragment.
  public init?(_ text: String) {
    let isSecure = text.hasPrefix("https://")
    guard isSecure || text.hasPrefix("http://") else {
      guard let endpoint = Endpoint(text) else { return nil }
      self.init(endpoint)
      return
    }
    let rest = text.dropFirst(isSecure ? "https://".count : "http://".count)
    let authority = rest.prefix { $0 != "/" }
    let hasPort = authority.last != "]" && authority.contains(":")
    let place = hasPort ? String(authority) : "\(authority):\(isSecure ? 443 : 80)"
    guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) && !#"@#?\"<>"#.utf8.contains($0) }),
      case .tcp(let host, let port)? = Endpoint(place)
    else { return nil }
    var base = rest.dropFirst(authority.count)
    while base.hasSuffix("/") { base.removeLast() }
    self.init(.tcp(host: host, port: port), Web(base: String(base), isSecure: isSecure))
  }

  public var description: String {
    guard let web, case .tcp = endpoint else { return "\(endpoint)" }
    return "\(web.scheme)://\(endpoint)\(web.base)"
  }
}

extension ValueFormat<LogicAddress> {
  static let logicAddress = ValueFormat(
    placeholder: "ADDRESS", allowed: "HOST:PORT, unix:PATH, or http://HOST:PORT[/BASE]",
    parse: { LogicAddress($0) }, write: { $0.description }, example: "127.0.0.1:1737")
}
