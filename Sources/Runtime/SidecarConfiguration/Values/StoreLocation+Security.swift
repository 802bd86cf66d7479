extension StoreLocation {
  /// True if commits travel to another machine without TLS, or with an unverified certificate.
  ///
  /// libmongoc infers TLS from some options; here only an explicit one counts.
  var isElsewhereInTheClear: Bool {
    guard case .mongodb(let text) = self, let uri = ServerURI(text) else { return false }
    // A name server knows the hosts of `mongodb+srv`. They use TLS unless configured otherwise.
    let isNamed = text.hasPrefix("mongodb+srv:")
    let isElsewhere = isNamed || !uri.hosts.allSatisfy(Self.isOnThisMachine)
    let isSecured = (uri.options["tls"] ?? uri.options["ssl"]).map { $0 == "true" } ?? isNamed
    let trustsAnybody = ["tlsinsecure", "tlsallowinvalidcertificates", "tlsallowinvalidhostnames"]
      .contains { uri.options[$0] == "true" }
    return isElsewhere && (!isSecured || trustsAnybody)
  }

  /// A Unix socket is written as an escaped path.
  private static func isOnThisMachine(_ host: Substring) -> Bool {
    if host.lowercased().hasPrefix("%2f") { return true }
    return ServerURI.isOnThisMachine(host)
  }
}
