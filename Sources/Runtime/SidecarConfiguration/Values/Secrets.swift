/// The URI with its password and its secret options replaced by `***`. A text that is not a URI
/// stays as it is.
///
/// All before the last `@` may be a password, even after a `/`, `?` or `@` that should have been
/// escaped. So it may hide too much, but never too little.
func withoutSecrets(_ uri: String) -> String {
  guard let scheme = uri.firstRange(of: "://") else { return uri }
  var rest = uri[scheme.upperBound...]
  var shown = String(uri[..<scheme.upperBound])
  if let at = rest.lastIndex(of: "@") {
    let user = rest[..<at].prefix { $0 != ":" }
    let isName = !user.contains { $0 == "/" || $0 == "?" }
    shown += !isName ? "***" : user.endIndex == at ? String(user) : "\(user):***"
    rest = rest[at...]
  }
  let parts = rest.split(separator: "&", omittingEmptySubsequences: false)
  return shown + parts.map(withoutSecret).joined(separator: "&")
}

/// A part of a URI up to the next `&`, with the value of a secret option hidden. Secret options
/// hold a password, or cloud credentials: `tlsCertificateKeyFilePassword`,
/// `authMechanismProperties`.
private func withoutSecret(_ part: Substring) -> String {
  // A secret may itself contain `?` and `=`.
  let end = part.indices.first { index in
    part[index] == "=" && isSecret(part[..<index].split(separator: "?").last ?? "")
  }
  return end.map { "\(part[...$0])***" } ?? String(part)
}

private func isSecret(_ name: Substring) -> Bool {
  let name = name.lowercased()
  return ["password", "pwd", "secret", "token", "properties"].contains { name.contains($0) }
}
