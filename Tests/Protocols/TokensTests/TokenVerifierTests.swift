import CCrypto
import Foundation
import Testing

@testable import Tokens

/// What is done with a token beside its signature. Those tokens are signed here, with HS256:
/// `SignatureTests` knows those of others.
@Suite struct TokenVerifierTests {
  static let now = 1_800_000_000.0
  static let secret = [UInt8](repeating: 9, count: 32)

  static func encoded(_ bytes: some Sequence<UInt8>) -> String {
    Data(bytes).base64EncodedString().replacingOccurrences(of: "+", with: "-")
      .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
  }

  static var keySet: String {
    let curve = Example.go.first { $0.algorithm == "ES256" }!
    return """
      {"keys": [{"kty": "oct", "kid": "shared", "k": "\(encoded(secret))"}, \(curve.key),
        {"kty": "OKP", "crv": "X25519", "x": "of another kind"}]}
      """
  }

  static let claims = #"{"sub": "web", "exp": 1800000100, "iss": "us", "aud": ["outrider", "b"]}"#

  static func token(
    _ algorithm: String = "HS256", _ claims: String = claims, header: String = "",
    secret: [UInt8] = secret
  ) -> String {
    let head = encoded("{\"alg\": \"\(algorithm)\"\(header)}".utf8) + "." + encoded(claims.utf8)
    var code = [UInt8](repeating: 0, count: 32)
    let bytes = Array(head.utf8)
    HMAC(EVP_sha256(), secret, Int32(secret.count), bytes, bytes.count, &code, nil)
    return head + "." + encoded(code)
  }

  let verifier = try! TokenVerifier(
    keys: Array(keySet.utf8), issuer: "us", audience: "outrider")

  func problem(_ token: String, now: Double = now) -> String? {
    do throws(TokenError) {
      _ = try verifier.verify(token, now: now)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func publicKeyIsNoSecret() {
    // The attack that takes the public key's bytes for a shared secret (RFC 8725 section 2.1).
    for form in [Array(PEMExample.publicKey.utf8), Array((PEMExample.publicKey + "\n").utf8)] {
      let verifier = try! TokenVerifier(keys: form)
      let refusal = #expect(throws: TokenError.self) {
        try verifier.verify(Self.token(secret: form), now: Self.now)
      }
      #expect(refusal?.description == "the token's signature is by none of the keys")
      #expect(refusal?.isForOtherKeys == true)
    }
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
}
