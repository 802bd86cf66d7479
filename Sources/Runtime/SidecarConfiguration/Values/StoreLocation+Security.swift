extension StoreLocation {
  /// Whether commits travel to another machine without TLS, or to whoever shows any certificate.
  ///
  /// libmongoc takes some options for a wish for TLS; only one that says so counts here.
  var isElsewhereInTheClear: Bool {
    guard case .mongodb(let text) = self, let uri = ServerURI(text) else { return false }
    // The hosts of `mongodb+srv` are known to a name server, and spoken to by TLS unless told
    // otherwise.
    let isNamed = text.hasPrefix("mongodb+srv:")
    let isElsewhere = isNamed || !uri.hosts.allSatisfy(Self.isOnThisMachine)
    let isSecured = (uri.options["tls"] ?? uri.options["ssl"]).map { $0 == "true" } ?? isNamed
    let trustsAnybody = ["tlsinsecure", "tlsallowinvalidcertificates", "tlsallowinvalidhostnames"]
      .contains { uri.options[$0] == "true" }
    return isElsewhere && (!isSecured || trustsAnybody)
  }

  /// A unix socket is written as an escaped path.
  private static func isOnThisMachine(_ host: Substring) -> Bool {
    if host.lowercased().hasPrefix("%2f") { return true }
    return ServerURI.isOnThisMachine(host)
  }
}
