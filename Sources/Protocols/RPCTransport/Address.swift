import NIOCore

/// The address of a server.
public enum Address: Sendable, Hashable {
  /// A host name or an IP address, without brackets.
  case tcp(host: String, port: Int)
  case unix(path: String)

  /// Parses "host:port", "[::1]:port", ":port" (every interface), or "unix:/path".
  ///
  /// Throws `TransportError` of kind `badAddress`, with the error.
  public init(_ text: String) throws(TransportError) {
    if text.hasPrefix("unix:") {
      self = .unix(path: try Self.unixPath(text))
      return
    }
    guard let colon = text.lastIndex(of: ":") else {
      throw .badAddress(text, "a port is missing, as in 127.0.0.1:1313")
    }
    guard let port = Int(text[text.index(after: colon)...]), (0...65535).contains(port) else {
      throw .badAddress(text, "the port is not a number from 0 to 65535")
    }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = String(host.dropFirst().dropLast())
    } else if host.contains(":") {
      throw .badAddress(text, "an IPv6 address goes in brackets, as in [::1]:1313")
    }
    self = .tcp(host: host.isEmpty ? "::" : host, port: port)
  }

  private static func unixPath(_ text: String) throws(TransportError) -> String {
    let path = String(text.dropFirst("unix:".count))
    guard !path.isEmpty else { throw .badAddress(text, "the path is missing") }
    // sun_path holds 108 bytes with the final zero (unix(7)).
    guard path.utf8.count < 108 else {
      throw .badAddress(text, "a socket's path has at most 107 bytes")
    }
    return path
  }
}

extension Address: CustomStringConvertible {
  /// Text that `init` parses.
  public var description: String {
    switch self {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): "unix:\(path)"
    }
  }

  /// A client's `:authority`: a path is not a host, so a Unix socket is "localhost".
  var authority: String {
    switch self {
    case .tcp: description
    case .unix: "localhost"
    }
  }

  /// The same port at this host; the address itself if nil.
  func named(_ hostName: String?) -> Address {
    guard let hostName, case .tcp(_, let port) = self else { return self }
    return .tcp(host: hostName, port: port)
  }

  package init?(_ address: SocketAddress?) {
    switch address {
    case .v4, .v6:
      guard let host = address?.ipAddress, let port = address?.port else { return nil }
      self = .tcp(host: host, port: port)
    case .unixDomainSocket: self = .unix(path: address?.pathname ?? "")
    case nil: return nil
    }
  }
}
