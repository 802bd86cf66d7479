import Encodings
import JSON
import LibCrypto
import Names

/// Why a token or a set of keys is refused. Reveals no secret.
public struct TokenError: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
  /// True if newer keys might verify the token.
  public let isForOtherKeys: Bool

  init(_ description: String, isForOtherKeys: Bool = false) {
    self.description = description
    self.isForOtherKeys = isForOtherKeys
  }
}

/// Verifies bearer tokens: JSON Web Tokens (RFC 7519), signed with HMAC, RSA (PKCS #1 and PSS),
/// ECDSA or Ed25519.
public struct TokenVerifier: Sendable {
  /// A longer token is refused unparsed.
  public static let tokenBytesMax = 8 << 10

  /// Tolerated clock difference, in seconds.
  public static let leeway: Double = 60

  private let keys: [TokenKey]
  private let issuer: Name?
  private let audience: Name?

  /// - Parameters:
  ///   - keys: a JSON Web Key Set (RFC 7517 section 5); keys of other kinds are ignored. Or public
  ///     keys and certificates in PEM form (RFC 7468).
  ///   - issuer: the required issuer; nil: any.
  ///   - audience: the required audience; nil: any.
  public init(
    keys: [UInt8], issuer: Name? = nil, audience: Name? = nil
  ) throws(TokenError) {
    LibCrypto.start()
    self.keys = try Self.isPEM(keys) ? TokenKey.keys(pem: keys) : Self.keys(set: keys)
    guard !self.keys.isEmpty else {
      let names = SignatureAlgorithm.all.map(\.name).joined(separator: ", ")
      throw TokenError("there is no key for one of \(names)")
    }
    self.issuer = issuer
    self.audience = audience
  }

  /// The token's claims, if signature and claims are valid.
  ///
  /// - Parameter now: seconds since 1970.
  public func verify(_ token: String, now: Double) throws(TokenError) -> TokenClaims {
    guard token.utf8.count <= Self.tokenBytesMax else { throw TokenError("the token is too long") }
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let header = Self.object(parts[0]),
      let signature = Base64.decode(parts[2].utf8, .url, isCanonical: true)
    else { throw TokenError("the token is not a signed JSON Web Token") }
    guard header["crit"] == nil else {
      throw TokenError("the token asks for an extension that is unknown here")
    }
    let signed = Array(token.utf8.prefix(parts[0].utf8.count + 1 + parts[1].utf8.count))
    guard candidates(header).contains(where: { $0.isValid(signature, for: signed) }) else {
      throw TokenError("the token's signature is by none of the keys", isForOtherKeys: true)
    }
    guard let payload = Self.object(parts[1]), let claims = TokenClaims(payload) else {
      throw TokenError("the token's claims cannot be read, or \"sub\" or \"exp\" is missing")
    }
    try check(claims, now)
    return claims
  }

  /// The keys that the header may refer to.
  private func candidates(_ header: JSONValue) -> [TokenKey] {
    keys.filter { key in
      guard header["alg"] == .string(key.algorithm.name) else { return false }
      guard case .string(let id)? = header["kid"], key.id != nil else { return true }
      return key.id == id
    }
  }

  private func check(_ claims: TokenClaims, _ now: Double) throws(TokenError) {
    guard now < claims.expires + Self.leeway else { throw TokenError("the token has expired") }
    guard now > claims.notBefore - Self.leeway else {
      throw TokenError("the token is not valid yet")
    }
    if let issuer, claims.issuer != issuer {
      throw TokenError("the token is from another issuer")
    }
    if let audience, !claims.audiences.contains(audience) {
      throw TokenError("the token is for another audience")
    }
  }

  /// PEM files often have a text before the first key; a key set is one JSON object.
  private static func isPEM(_ keys: [UInt8]) -> Bool {
    let first = keys.first { !" \t\r\n".utf8.contains($0) }
    return first != UInt8(ascii: "{") && PEM.isIn(keys)
  }

  private static func keys(set bytes: [UInt8]) throws(TokenError) -> [TokenKey] {
    let set: JSONValue
    do throws(JSONError) { set = try JSONValue.parse(bytes) } catch {
      throw TokenError("the set of keys is \(error)")
    }
    guard case .array(let members)? = set["keys"] else {
      throw TokenError("the set of keys has no list \"keys\"")
    }
    var keys: [TokenKey] = []
    for member in members {
      if let key = try TokenKey(jwk: member) { keys.append(key) }
    }
    return keys
  }

  private static func object(_ part: Substring) -> JSONValue? {
    guard let bytes = Base64.decode(part.utf8, .url, isCanonical: true),
      let value = try? JSONValue.parse(bytes),
      case .object = value
    else { return nil }
    return value
  }
}
