import Encodings
import JSON

extension TokenKey {
  /// Parses a JSON Web Key (RFC 7517, RFC 7518 section 6, RFC 8037 section 2). Throws if a
  /// supported key is malformed; nil if its kind is not supported, or if it is not for
  /// verification.
  init?(jwk: JSONValue) throws(TokenError) {
    let key = JSONWebKey(members: jwk)
    guard key.isForVerifying, let kind = key.kind else { return nil }
    var wanted: SignatureAlgorithm?
    if let name = jwk["alg"] {
      guard case .string(let text) = name, let algorithm = SignatureAlgorithm(name: text) else {
        return nil
      }
      wanted = algorithm
    }
    id = key.text("kid")
    switch kind {
    case .secret:
      algorithm = wanted ?? .hmac(.sha256)
      guard case .hmac(let hash) = algorithm else { throw key.contradiction(algorithm) }
      let secret = try key.bytes("k")
      // RFC 7518 section 3.2: at least as long as the hash.
      guard secret.count >= hash.byteCount else {
        throw TokenError("\(key.name) is shorter than the \(hash.byteCount) bytes of its hash")
      }
      material = SharedSecret(bytes: secret)
    case .publicKey(let kind):
      algorithm = wanted ?? kind.usualAlgorithm
      guard algorithm.suits(kind) else { throw key.contradiction(algorithm) }
      material = try key.publicKey(kind)
    }
  }
}

/// The members of a key.
private struct JSONWebKey {
  enum Kind {
    case secret
    case publicKey(PublicKey.Kind)
  }

  let members: JSONValue

  var name: String { "the key \(text("kid") ?? "without a kid")" }

  /// RFC 7517 sections 4.2 and 4.3.
  var isForVerifying: Bool {
    if let use = text("use"), use != "sig" { return false }
    if case .array(let operations)? = members["key_ops"] {
      return operations.contains(.string("verify"))
    }
    return true
  }

  /// Nil if it is not supported.
  var kind: Kind? {
    switch (text("kty"), text("crv")) {
    case ("oct", _): .secret
    case ("RSA", _): .publicKey(.rsa)
    case ("EC", let curve?): Curve(rawValue: curve).map { .publicKey(.elliptic($0)) }
    case ("OKP", "Ed25519"): .publicKey(.ed25519)
    default: nil
    }
  }

  func publicKey(_ kind: PublicKey.Kind) throws(TokenError) -> PublicKey {
    switch kind {
    case .rsa:
      let (modulus, exponent) = (try bytes("n"), try bytes("e"))
      guard let key = PublicKey(modulus: modulus, exponent: exponent) else {
        let bits = PublicKey.rsaBits
        throw TokenError(
          "\(name) is not an RSA key of \(bits.lowerBound) to \(bits.upperBound) bits")
      }
      return key
    case .elliptic(let curve):
      let (x, y) = (try bytes("x"), try bytes("y"))
      guard let key = PublicKey(curve, x: x, y: y) else {
        throw TokenError("\(name) is not a point of \(curve.rawValue)")
      }
      return key
    case .ed25519:
      guard let key = PublicKey(ed25519: try bytes("x")) else {
        throw TokenError("\(name) is not a point of Ed25519")
      }
      return key
    }
  }

  func text(_ name: String) -> String? {
    if case .string(let text)? = members[name] { text } else { nil }
  }

  func bytes(_ member: String) throws(TokenError) -> [UInt8] {
    guard let text = text(member), let bytes = Base64.decode(text.utf8, .url, isCanonical: true)
    else {
      throw TokenError("\(name) has no proper \"\(member)\"")
    }
    return bytes
  }

  func contradiction(_ algorithm: SignatureAlgorithm) -> TokenError {
    TokenError(
      "\(name) is of the kind \(text("crv") ?? text("kty") ?? ""), which is not for \(algorithm.name)"
    )
  }
}
