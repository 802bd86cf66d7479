/// Where business logic listens, and what is spoken there: gRPC at an endpoint, or HTTP/1.1 at
/// `http://HOST[:PORT][/BASE]`, or `https://`.
public struct LogicAddress: Sendable, Hashable {
  public var endpoint: Endpoint
  /// Nil: gRPC is spoken.
  public let web: Web?

  /// What an address of the web says beside host and port.
  public struct Web: Sendable, Hashable {
    /// Stands before each path: empty, or `/functions`.
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

  /// The host, and the port unless it is the usual one (RFC 9110 section 7.2).
  package var authority: String {
    switch endpoint {
    case .tcp(let host, web?.isSecure == true ? 443 : 80):
      host.contains(":") ? "[\(host)]" : host
    case .tcp: "\(endpoint)"
    case .unix: "localhost"
    }
  }

  /// The same place, where HTTP is spoken.
  var overHTTP: LogicAddress {
    LogicAddress(endpoint, web ?? Web(base: "", isSecure: false))
  }
}

/// What business logic speaks.
public enum LogicProtocol: String, CaseIterable, Sendable {
  case grpc
  /// HTTP/1.1, with the records of `functions.avsc` as bodies. For functions.
  case http
}

extension LogicAddress: LosslessStringConvertible {
  /// Nil where the text is no address, or one with a user, a query or a fragment.
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
