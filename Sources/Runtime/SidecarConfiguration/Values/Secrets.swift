/// The URI with its password, and those of its options that are secret, written as `***`. A text
/// that is no URI stays as it is.
///
/// What is before the last `@` may be a password, wherever else a `/`, `?` or `@` stands that
/// should have been escaped. So too much is hidden of a few URIs, and too little of none.
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

/// A part of a URI up to the next `&`; what follows the name of a secret option is hidden. Some
/// hold a password, or credentials of a cloud: `tlsCertificateKeyFilePassword`,
/// `authMechanismProperties`.
private func withoutSecret(_ part: Substring) -> String {
  // A secret may hold `?` and `=` itself.
  let end = part.indices.first { index in
    part[index] == "=" && isSecret(part[..<index].split(separator: "?").last ?? "")
  }
  return end.map { "\(part[...$0])***" } ?? String(part)
}

private func isSecret(_ name: Substring) -> Bool {
  let name = name.lowercased()
  return ["password", "pwd", "secret", "token", "properties"].contains { name.contains($0) }
}
