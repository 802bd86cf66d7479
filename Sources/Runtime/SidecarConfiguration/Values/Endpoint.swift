import Encodings

/// The address of a server: `127.0.0.1:1737`, `[::1]:1737`, `logic:1737` or `unix:/path`.
public enum Endpoint: Sendable, Hashable {
  case tcp(host: String, port: Int)
  case unix(path: String)
}

extension Endpoint {
  /// True if the traffic never leaves this machine.
  public var isOnThisMachine: Bool {
    switch self {
    case .tcp(let host, _): isLoopback(host)
    case .unix: true
    }
  }
}

/// True if a host's name alone shows that it is this machine.
func isLoopback(_ host: String) -> Bool {
  if host == "localhost" || host == "::1" || host == "[::1]" { return true }
  // Other hosts that begin so are ordinary names.
  return host.hasPrefix("127.") && host.utf8.allSatisfy { "0123456789.".utf8.contains($0) }
}

extension Endpoint: LosslessStringConvertible {
  /// Nil if the text is not an address.
  public init?(_ text: String) {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst("unix:".count))
      // `sockaddr_un` has room for 107 bytes and the final zero, see unix(7).
      guard (1...107).contains(path.utf8.count), !path.utf8.contains(0) else { return nil }
      self = .unix(path: path)
      return
    }
    guard let colon = text.lastIndex(of: ":"),
      let port = Int(digits: text[text.index(after: colon)...].utf8), (0...65535).contains(port)
    else { return nil }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
      guard host.contains(":") else { return nil }
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") })
    else { return nil }
    self = .tcp(host: String(host), port: port)
  }

  public var description: String {
    switch self {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): "unix:\(path)"
    }
  }
}

extension ValueFormat<Endpoint> {
  static let endpoint = ValueFormat(
    placeholder: "ADDRESS", allowed: "HOST:PORT or unix:PATH",
    parse: { Endpoint($0) }, write: { $0.description }, example: "127.0.0.1:1737")

  static let hostAndPort = ValueFormat(
    placeholder: "HOST:PORT", allowed: "HOST:PORT",
    parse: { text in
      if case .tcp(let host, let port) = Endpoint(text) {
        .tcp(host: host, port: port)
      } else {
        nil
      }
    }, write: { $0.description }, example: "127.0.0.1:9464")
}
