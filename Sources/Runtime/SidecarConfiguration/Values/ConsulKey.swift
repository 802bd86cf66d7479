/// A key of Consul's key/value store: `consul://HOST[:PORT]/KEY`, or `consul+tls://` with TLS.
public struct ConsulKey: Sendable, Hashable {
  /// The agent's HTTP API.
  public let agent: Endpoint
  public let isSecure: Bool
  /// The key as `consul kv put` takes it: `outrider/bank`.
  public let key: String

  /// The variable with the agent's token.
  public static let tokenVariable = "CONSUL_HTTP_TOKEN"

  /// Default ports of the agent's HTTP API.
  private static let portDefault = (clear: 8500, secure: 8501)
  /// Consul's own limit is a little higher.
  private static let byteCountMax = 512

  /// True if the text is a valid key. Refuses characters that a URI or a web server would
  /// interpret, so that a key means the same everywhere.
  static func isKey(_ text: Substring) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    return text.utf8.count <= byteCountMax
      && text.utf8.allSatisfy { (0x21...0x7e).contains($0) && !#"?#%@"<>\^`{|}"#.utf8.contains($0) }
      && parts.allSatisfy { !["", ".", ".."].contains($0) }
  }
}

extension ConsulKey: LosslessStringConvertible {
  /// Nil if the text is not such a URI.
  public init?(_ text: String) {
    isSecure = text.hasPrefix("consul+tls://")
    guard isSecure || text.hasPrefix("consul://") else { return nil }
    let rest = text.dropFirst(isSecure ? "consul+tls://".count : "consul://".count)
    let authority = rest.prefix { $0 != "/" }
    let key = rest.dropFirst(authority.count + 1)
    guard Self.isKey(key), !authority.contains(where: { "@?#".contains($0) }) else { return nil }
    let hasPort = authority.last != "]" && authority.contains(":")
    let port = isSecure ? Self.portDefault.secure : Self.portDefault.clear
    let address = hasPort ? String(authority) : "\(authority):\(port)"
    guard case .tcp(let host, let port)? = Endpoint(address), port > 0 else { return nil }
    agent = .tcp(host: host, port: port)
    self.key = String(key)
  }

  public var description: String { "\(isSecure ? "consul+tls" : "consul")://\(agent)/\(key)" }

  /// True if others on the network could read or change the agent's answers.
  var isInTheClear: Bool { !isSecure && !agent.isOnThisMachine }
}
