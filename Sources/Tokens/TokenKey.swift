import Crypto
import CryptoExtras
import JSON

/// A key that signatures are checked with, and with it the one algorithm that it is for: a token never
/// chooses how it is checked (RFC 8725 section 3.1).
struct TokenKey: Sendable {
  enum Material: Sendable {
    case secret(SymmetricKey)
    case rsa(_RSA.Signing.PublicKey)
    case p256(P256.Signing.PublicKey)
  }

  let id: String?
  let material: Material

  /// The name of its algorithm (RFC 7518 section 3.1).
  var algorithm: String {
    switch material {
    case .secret: "HS256"
    case .rsa: "RS256"
    case .p256: "ES256"
    }
  }

  func isValid(_ signature: [UInt8], for signed: [UInt8]) -> Bool {
    switch material {
    case .secret(let key):
      HMAC<SHA256>.isValidAuthenticationCode(signature, authenticating: signed, using: key)
    case .rsa(let key):
      key.isValidSignature(
        .init(rawRepresentation: signature), for: SHA256.hash(data: signed),
        padding: .insecurePKCS1v1_5)
    case .p256(let key):
      (try? P256.Signing.ECDSASignature(rawRepresentation: signature)).map {
        key.isValidSignature($0, for: SHA256.hash(data: signed))
      } ?? false
    }
  }
}

extension TokenKey {
  /// A JSON Web Key (RFC 7517, RFC 7518 section 6). Throws if it is of a kind that is used here, and
  /// broken; nil if it is of another kind, or not for signatures.
  init?(jwk: JSONValue) throws(TokenError) {
    func text(_ name: String) -> String? {
      if case .string(let text)? = jwk[name] { text } else { nil }
    }
    func bytes(_ name: String) throws(TokenError) -> [UInt8] {
      guard let text = text(name), let bytes = Base64URL.decode(text[...]) else {
        throw TokenError("the key \(text("kid") ?? "without a kid") has no proper \"\(name)\"")
      }
      return bytes
    }
    if let use = text("use"), use != "sig" { return nil }
    id = text("kid")
    switch (text("kty"), text("crv")) {
    case ("oct", _):
      let secret = try bytes("k")
      // RFC 7518 section 3.2: no shorter than the hash.
      guard secret.count >= 32 else {
        throw TokenError("the key \(id ?? "without a kid") is shorter than 32 bytes")
      }
      material = .secret(SymmetricKey(data: secret))
    case ("RSA", _):
      let (modulus, exponent) = (try bytes("n"), try bytes("e"))
      guard let key = try? _RSA.Signing.PublicKey(n: modulus, e: exponent) else {
        throw TokenError("the key \(id ?? "without a kid") is no RSA key of 2048 bits or more")
      }
      material = .rsa(key)
    case ("EC", "P-256"):
      let point = try bytes("x") + bytes("y")
      guard let key = try? P256.Signing.PublicKey(rawRepresentation: point) else {
        throw TokenError("the key \(id ?? "without a kid") is no point of P-256")
      }
      material = .p256(key)
    default: return nil
    }
    if let algorithm = text("alg"), algorithm != self.algorithm { return nil }
  }
}
