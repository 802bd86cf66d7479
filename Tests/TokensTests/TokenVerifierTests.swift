import Crypto
import CryptoExtras
import Foundation
import Testing

@testable import Tokens

@Suite struct TokenVerifierTests {
  static let now = 1_800_000_000.0
  static let secret = [UInt8](repeating: 9, count: 32)
  static let curve = P256.Signing.PrivateKey()
  static let rsa = try! _RSA.Signing.PrivateKey(keySize: .bits2048)

  static func encoded(_ bytes: some Sequence<UInt8>) -> String {
    Data(bytes).base64EncodedString().replacingOccurrences(of: "+", with: "-")
      .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
  }

  static var keySet: String {
    let point = curve.publicKey.rawRepresentation
    let parts = try! rsa.publicKey.getKeyPrimitives()
    return """
      {"keys": [
        {"kty": "oct", "kid": "shared", "k": "\(encoded(secret))"},
        {"kty": "EC", "crv": "P-256", "kid": "curve", "use": "sig",
         "x": "\(encoded(point.prefix(32)))", "y": "\(encoded(point.suffix(32)))"},
        {"kty": "RSA", "kid": "rsa", "n": "\(encoded(parts.modulus))",
         "e": "\(encoded(parts.publicExponent))"},
        {"kty": "OKP", "crv": "Ed25519", "x": "of another kind"}]}
      """
  }

  static let claims = #"{"sub": "web", "exp": 1800000100, "iss": "us", "aud": ["outrider", "b"]}"#

  static func token(
    _ algorithm: String = "HS256", _ claims: String = claims, header: String = "",
    sign: ((Data) throws -> Data)? = nil
  ) -> String {
    let head = encoded("{\"alg\": \"\(algorithm)\"\(header)}".utf8) + "." + encoded(claims.utf8)
    let data = Data(head.utf8)
    let key = SymmetricKey(data: secret)
    let signature =
      try! sign?(data) ?? Data(HMAC<SHA256>.authenticationCode(for: data, using: key))
    return head + "." + encoded(signature)
  }

  let verifier = try! TokenVerifier(
    keySet: Array(keySet.utf8), issuer: "us", audience: "outrider")

  func problem(_ token: String, now: Double = now) -> String? {
    do throws(TokenError) {
      _ = try verifier.verify(token, now: now)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func eachAlgorithmIsVerifiedByItsKey() throws {
    let tokens = [
      Self.token(),
      Self.token("ES256") {
        try Self.curve.signature(for: SHA256.hash(data: $0)).rawRepresentation
      },
      Self.token("RS256") {
        try Self.rsa.signature(for: SHA256.hash(data: $0), padding: .insecurePKCS1v1_5)
          .rawRepresentation
      },
    ]
    for token in tokens {
      #expect(try verifier.verify(token, now: Self.now).subject == "web")
    }
  }

  /// RFC 7515 appendix A.1: the example's key and token.
  @Test func exampleOfTheStandardIsVerified() throws {
    let set = """
      {"keys": [{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75\
      aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}]}
      """
    let token = """
      eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQo\
      gImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk
      """
    let verifier = try TokenVerifier(keySet: Array(set.utf8))
    // Its signature is right, and it has no subject, which we want.
    let error = #expect(throws: TokenError.self) { try verifier.verify(token, now: 1_300_819_000) }
    #expect(error?.description.contains("\"sub\"") == true)
  }

  @Test func publicKeyIsNoSecret() {
    // The attack that takes the public key's bytes for a shared secret (RFC 8725 section 2.1).
    let token = Self.token("HS256") { data in
      let key = SymmetricKey(data: Self.curve.publicKey.rawRepresentation)
      return Data(HMAC<SHA256>.authenticationCode(for: data, using: key))
    }
    #expect(problem(token)?.contains("signature") == true)
  }

  @Test(arguments: ["none", "HS512", "ES256", "RS256", ""])
  func otherAlgorithmOnTheSameSignatureIsRefused(_ algorithm: String) {
    #expect(problem(Self.token(algorithm))?.contains("signature") == true)
  }

  @Test func changedTokenIsRefused() {
    let parts = Self.token().split(separator: ".")
    let other = Self.encoded(Self.claims.replacingOccurrences(of: "web", with: "adm").utf8)
    #expect(problem("\(parts[0]).\(other).\(parts[2])")?.contains("signature") == true)
    #expect(problem("\(parts[0]).\(parts[1]).")?.contains("signature") == true)
  }

  @Test func keyOfAnotherNameIsNotTried() {
    #expect(problem(Self.token(header: #", "kid": "shared""#)) == nil)
    #expect(problem(Self.token(header: #", "kid": "other""#))?.contains("signature") == true)
  }

  @Test func tokenHasItsTime() {
    #expect(problem(Self.token(), now: Self.now + 100 + 59) == nil)
    #expect(problem(Self.token(), now: Self.now + 100 + 61) == "the token has expired")
    let later =
      #"{"sub": "web", "exp": 1900000000, "nbf": 1800000070, "iss": "us", "aud": "outrider"}"#
    #expect(problem(Self.token("HS256", later)) == "the token is not valid yet")
    #expect(problem(Self.token("HS256", later), now: Self.now + 11) == nil)
  }

  @Test(arguments: [
    (#"{"sub": "web", "exp": 1800000100, "iss": "them", "aud": "outrider"}"#, "issuer"),
    (#"{"sub": "web", "exp": 1800000100, "iss": "us", "aud": "b"}"#, "audience"),
    (#"{"sub": "web", "iss": "us", "aud": "outrider"}"#, "exp"),
    (#"{"sub": "", "exp": 1800000100, "iss": "us", "aud": "outrider"}"#, "sub"),
    (#"{"sub": "web", "exp": "soon", "iss": "us", "aud": "outrider"}"#, "exp"),
  ])
  func claimThatIsWrongIsNamed(_ claims: String, _ name: String) {
    #expect(problem(Self.token("HS256", claims))?.contains(name) == true)
  }

  @Test(arguments: ["", ".", "..", "a.b.c", "e30.e30.e30", "e30=.e30.e30", "....."])
  func whatIsNoTokenIsRefused(_ text: String) {
    #expect(problem(text) != nil)
  }

  @Test func unknownExtensionIsRefused() {
    #expect(problem(Self.token(header: #", "crit": ["x"]"#))?.contains("extension") == true)
  }

  @Test(arguments: [
    "", "{}", #"{"keys": []}"#, #"{"keys": [{"kty": "oct", "k": "c2hvcnQ"}]}"#,
    #"{"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]}"#,
    #"{"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}"#,
  ])
  func brokenSetOfKeysIsRefused(_ set: String) {
    #expect(throws: TokenError.self) { try TokenVerifier(keySet: Array(set.utf8)) }
  }
}
