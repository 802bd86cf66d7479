import JSON
import Names

/// The claims of a token (RFC 7519 section 4.1).
public struct TokenClaims: Sendable, Equatable {
  public let subject: Name
  /// Seconds since 1970.
  public let expires: Double
  let notBefore: Double
  let issuer: Name?
  let audiences: [Name]

  /// Nil if a claim has the wrong type, or if a required one is missing: a token without expiry is
  /// a password.
  package init?(_ payload: JSONValue) {
    func text(_ value: JSONValue?) -> String? {
      if case .string(let text)? = value { text } else { nil }
    }
    func time(_ name: String, absent: Double?) -> Double? {
      guard let value = payload[name] else { return absent }
      guard case .number(let digits) = value, let seconds = Double(digits), seconds.isFinite else {
        return nil
      }
      return seconds
    }
    guard let subject = text(payload["sub"]), !subject.isEmpty,
      let expires = time("exp", absent: nil), let notBefore = time("nbf", absent: 0)
    else { return nil }
    self.subject = Name(subject)
    self.expires = expires
    self.notBefore = notBefore
    issuer = text(payload["iss"]).map { Name($0) }
    switch payload["aud"] {
    case .string(let audience)?: audiences = [Name(audience)]
    case .array(let list)?: audiences = list.compactMap { text($0).map { Name($0) } }
    default: audiences = []
    }
  }
}
