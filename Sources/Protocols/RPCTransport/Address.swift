import NIOCore

/// Where a server listens, or where a client connects to.
public enum Address: Sendable, Hashable {
  /// A host's name or its IP address, without brackets.
  case tcp(host: String, port: Int)
  case unix(path: String)

  /// Reads "host:port", "[::1]:port", ":port" (every interface), or "unix:/path".
  ///
  /// Throws `TransportError` of the kind `badAddress`, which says what is wrong.
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
    // sun_path holds 108 bytes with the zero at the end (unix(7)).
    guard path.utf8.count < 108 else {
      throw .badAddress(text, "a socket's path has at most 107 bytes")
    }
    return path
  }
}

extension Address: CustomStringConvertible {
  /// What `init` reads.
  public var description: String {
    switch self {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): "unix:\(path)"
    }
  }

  /// What a client says in `:authority`: a path is no host, so a unix socket is "localhost".
  var authority: String {
    switch self {
    case .tcp: description
    case .unix: "localhost"
    }
  }

  /// The same port of a host of that name; itself without one.
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
