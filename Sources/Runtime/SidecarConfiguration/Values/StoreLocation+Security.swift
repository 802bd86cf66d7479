extension StoreLocation {
  /// Whether commits travel to another machine without TLS, or to whoever shows any certificate.
  ///
  /// libmongoc takes some options for a wish for TLS; only one that says so counts here.
  var isElsewhereInTheClear: Bool {
    guard case .mongodb(let uri) = self, let scheme = uri.firstRange(of: "://") else {
      return false
    }
    let (hosts, options) = Self.parts(of: uri[scheme.upperBound...])
    // The hosts of `mongodb+srv` are known to a name server, and spoken to by TLS unless told
    // otherwise.
    let isNamed = uri.hasPrefix("mongodb+srv:")
    let isElsewhere = isNamed || !hosts.allSatisfy(Self.isOnThisMachine)
    let isSecured = options["tls"] ?? options["ssl"] ?? isNamed
    let trustsAnybody = ["tlsinsecure", "tlsallowinvalidcertificates", "tlsallowinvalidhostnames"]
      .contains { options[$0] == true }
    return isElsewhere && (!isSecured || trustsAnybody)
  }

  /// The hosts, and the options that are true or not, by their names in lower case.
  private static func parts(of rest: Substring) -> ([Substring], [String: Bool]) {
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let hosts = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] }
    let query = rest.firstIndex(of: "?").map { rest[rest.index(after: $0)...] } ?? ""
    var options: [String: Bool] = [:]
    for option in query.split(separator: "&") {
      let parts = option.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else { continue }
      options[parts[0].lowercased()] = parts[1].lowercased() == "true"
    }
    return ((hosts ?? authority).split(separator: ","), options)
  }

  /// A unix socket is written as an escaped path.
  private static func isOnThisMachine(_ host: Substring) -> Bool {
    if host.lowercased().hasPrefix("%2f") { return true }
    if host.hasPrefix("[") { return isLoopback(String(host.prefix { $0 != "]" }) + "]") }
    return isLoopback(String(host.prefix { $0 != ":" }))
  }
}
