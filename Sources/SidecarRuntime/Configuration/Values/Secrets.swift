/// The URI with its password, and those of its options that are secret, written as `***`. A text that is
/// no URI stays as it is.
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
  guard let question = rest.firstIndex(of: "?") else { return shown + rest }
  let options = rest[rest.index(after: question)...].split(
    separator: "&", omittingEmptySubsequences: false)
  return shown + rest[...question] + options.map(withoutSecret).joined(separator: "&")
}

/// An option of a URI; the value of a secret one is hidden. Some hold a password, or credentials of a
/// cloud: `tlsCertificateKeyFilePassword`, `authMechanismProperties`.
private func withoutSecret(_ option: Substring) -> String {
  let name = option.prefix { $0 != "=" }
  let lower = name.lowercased()
  let isSecret = ["password", "pwd", "secret", "token", "properties"].contains {
    lower.contains($0)
  }
  return isSecret && name.endIndex < option.endIndex ? "\(name)=***" : String(option)
}
