/// The web address of a document: `https://host[:port]/path`; `http://` only on this machine.
public struct WebAddress: Sendable, Hashable {
  public let host: String
  public let port: Int
  /// With the query.
  public let path: String
  public let isSecure: Bool
}

extension WebAddress: LosslessStringConvertible {
  /// Nil if the text is malformed, or has a user or a fragment.
  public init?(_ text: String) {
    let isSecure = text.hasPrefix("https://")
    guard isSecure || text.hasPrefix("http://"),
      text.utf8.allSatisfy({ (0x21...0x7e).contains($0) && !#"@#\"<>"#.utf8.contains($0) })
    else { return nil }
    let rest = text.dropFirst(isSecure ? "https://".count : "http://".count)
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let hasPort = authority.last != "]" && authority.contains(":")
    let name = hasPort ? String(authority) : "\(authority):\(isSecure ? 443 : 80)"
    guard case .tcp(let host, let port)? = Endpoint(name), port > 0, isSecure || isLoopback(host)
    else { return nil }
    self.host = host
    self.port = port
    self.isSecure = isSecure
    let path = rest.dropFirst(authority.count)
    self.path = path.hasPrefix("/") ? String(path) : "/\(path)"
  }

  public var description: String { "\(isSecure ? "https" : "http")://\(authority)\(path)" }

  /// The host, with the port unless it is the default (RFC 9110 section 7.2).
  package var authority: String {
    let endpoint = Endpoint.tcp(host: host, port: port).description
    guard port == (isSecure ? 443 : 80), let colon = endpoint.lastIndex(of: ":") else {
      return endpoint
    }
    return String(endpoint[..<colon])
  }
}
