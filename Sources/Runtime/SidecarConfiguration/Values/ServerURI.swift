/// The hosts and options of a server URI, `SCHEME://USER:PASSWORD@HOST:PORT,…/PATH?OPTIONS`.
struct ServerURI {
  /// With their ports.
  let hosts: [Substring]
  /// Names and values in lower case, still escaped.
  let options: [String: String]

  /// Nil if the text is not such a URI.
  init?(_ uri: String) {
    guard let scheme = uri.firstRange(of: "://") else { return nil }
    let rest = uri[scheme.upperBound...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let hosts = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] }
    self.hosts = (hosts ?? authority).split(separator: ",")
    let query = rest.firstIndex(of: "?").map { rest[rest.index(after: $0)...] } ?? ""
    var options: [String: String] = [:]
    for option in query.split(separator: "&") {
      let parts = option.split(separator: "=", maxSplits: 1)
      if parts.count == 2 { options[parts[0].lowercased()] = parts[1].lowercased() }
    }
    self.options = options
  }

  /// True if a host, with or without a port, is this machine by its name alone.
  static func isOnThisMachine(_ host: Substring) -> Bool {
    if host.hasPrefix("[") { return isLoopback(String(host.prefix { $0 != "]" }) + "]") }
    return isLoopback(String(host.prefix { $0 != ":" }))
  }
}
