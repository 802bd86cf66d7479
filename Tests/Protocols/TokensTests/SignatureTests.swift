import Encodings
import JSON
import Testing

@testable import Tokens

@Suite struct SignatureTests {
  private static func parts(_ token: String) -> (signed: [UInt8], signature: [UInt8]) {
    let dot = token.lastIndex(of: ".")!
    return (
      Array(token[..<dot].utf8),
      Base64.decode(token[token.index(after: dot)...].utf8, .url, isCanonical: true)!
    )
  }

  private static func verifier(_ key: String) throws -> TokenVerifier {
    try TokenVerifier(keys: Array("{\"keys\":[\(key)]}".utf8))
  }

  private static func problem(_ keys: String) -> String? {
    do throws(TokenError) {
      _ = try TokenVerifier(keys: Array(keys.utf8))
      return nil
    } catch {
      return error.description
    }
  }

  @Test(arguments: Example.standard + Example.go)
  func signatureIsOfWhatWasSignedAndOfNothingElse(_ example: Example) throws {
    let key = try #require(try TokenKey(jwk: JSONValue.parse(Array(example.key.utf8))))
    let (signed, signature) = Self.parts(example.token)
    #expect(key.algorithm.name == example.algorithm)
    #expect(key.isValid(signature, for: signed))
    for index in [0, signed.count / 2, signed.count - 1] {
      var other = signed
      other[index] ^= 1
      #expect(!key.isValid(signature, for: other))
    }
    for index in [0, signature.count / 2, signature.count - 1] {
      var other = signature
      other[index] ^= 1
      #expect(!key.isValid(other, for: signed))
    }
    for other in [[], signature.dropLast(), signature + [0], [0] + signature] {
      #expect(!key.isValid(Array(other), for: signed))
    }
    #expect(!key.isValid([UInt8](repeating: 0, count: signature.count), for: signed))
  }

  @Test(arguments: Example.go) func keyVerifiesItsAlgorithmAlone(_ example: Example) throws {
    let verifier = try Self.verifier(example.key)
    #expect(try verifier.verify(example.token, now: 0).subject == "go")
    for other in Example.go where other.algorithm != example.algorithm {
      #expect(throws: TokenError.self) { try verifier.verify(other.token, now: 0) }
    }
  }

  @Test func everyAlgorithmHasAnExample() {
    #expect(Set(Example.go.map(\.algorithm)) == Set(SignatureAlgorithm.all.map(\.name)))
  }

  @Test func keyThatNamesNoAlgorithmIsForTheUsualOne() throws {
    let rsa = Example.go.filter { "RP".contains($0.algorithm.prefix(1)) }
    #expect(rsa.count == 6)
    for example in rsa {
      let key = example.key.replacing("\"alg\":\"\(example.algorithm)\",", with: "")
      let verifier = try Self.verifier(key)
      let claims = try? verifier.verify(example.token, now: 0)
      #expect((claims != nil) == (example.algorithm == "RS256"), "\(example.algorithm)")
    }
  }

  @Test(arguments: [
    PEMExample.publicKey, PEMExample.certificate, "Issuer: CN=signer\n" + PEMExample.certificate,
    PEMExample.certificate + "\n" + PEMExample.publicKey,
  ])
  func keyInPEMFormVerifies(_ text: String) throws {
    let verifier = try TokenVerifier(keys: Array(text.utf8))
    for example in Example.go {
      let claims = try? verifier.verify(example.token, now: 0)
      #expect((claims != nil) == (example.algorithm == "ES256"), "\(example.algorithm)")
    }
  }

  @Test(arguments: [
    (PEMExample.shortKey, "no RSA key of 2048"),
    (PEMExample.publicKey.replacing("PUBLIC", with: "PRIVATE"), "a PRIVATE KEY is neither"),
    (PEMExample.publicKey.replacing("PUBLIC KEY", with: "CERTIFICATE"), "a CERTIFICATE has no"),
    (PEMExample.certificate.replacing("CERTIFICATE", with: "PUBLIC KEY"), "a PUBLIC KEY has no"),
    (String(PEMExample.publicKey.dropLast(30)), "broken"),
    (PEMExample.publicKey + "\n" + PEMExample.certificate.dropLast(40), "broken"),
    ("-----BEGIN PUBLIC KEY-----\n????\n-----END PUBLIC KEY-----", "broken"),
    ("-----BEGIN ", "no key for one of HS256"),
  ])
  func brokenKeyInPEMFormIsRefused(_ text: String, _ why: String) {
    #expect(Self.problem(text)?.contains(why) == true, "\(Self.problem(text) ?? "accepted")")
  }

  /// The point of RFC 7515 A.3, with its last bit turned: on no curve.
  private static let astray = """
    {"kty":"EC","crv":"P-256","kid":"b","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
     "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a4"}
    """

  /// y = 2, which goes with no x.
  private static let astrayEdwards = """
    {"kty":"OKP","crv":"Ed25519","kid":"b","x":"AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}
    """

  @Test(arguments: [
    (#"{"kty":"oct","kid":"b","k":"c2hvcnQ"}"#, "b is shorter than the 32 bytes"),
    (#"{"kty":"oct","kid":"b"}"#, #"b has no proper "k""#),
    (Example.go[0].key.replacing("HS256", with: "HS512"), "shorter than the 64 bytes"),
    (#"{"kty":"oct","k":"c2hvcnQ","alg":"RS256"}"#, "oct, which is not for RS256"),
    (#"{"kty":"EC","kid":"b","crv":"P-256","x":"AA","y":"AA"}"#, "b is not a point of P-256"),
    (astray, "b is not a point of P-256"),
    (astray.replacing("P-256", with: "P-384"), "b is not a point of P-384"),
    (astray.replacing(#""kid""#, with: #""alg":"ES384","kid""#), "P-256, which is not for ES384"),
    (#"{"kty":"OKP","kid":"b","crv":"Ed25519","x":"AAAA"}"#, "b is not a point of Ed25519"),
    (astrayEdwards, "b is not a point of Ed25519"),
    (#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#, "not an RSA key of 2048 to 16384 bits"),
    (#"{"kty":"RSA","n":"AQAB"}"#, #"has no proper "e""#),
    (#"{"kty":"RSA","n":"\#(String(repeating: "_", count: 344))","e":"AA"}"#, "not an RSA key"),
    (shortKey, "not an RSA key of 2048 to 16384 bits"),
  ])
  func brokenKeyIsRefused(_ key: String, _ why: String) {
    let problem = Self.problem("{\"keys\":[\(key)]}")
    #expect(problem?.contains(why) == true, "\(problem ?? "accepted")")
  }

  @Test(arguments: [
    #"{"kty":"OKP","crv":"X25519","x":"AAAA"}"#, #"{"kty":"EC","crv":"secp256k1"}"#, #"{}"#, "1",
    #"{"kty":"RSA","alg":"RSA-OAEP"}"#, #"{"kty":"RSA","use":"enc"}"#,
    #"{"kty":"RSA","key_ops":["encrypt"]}"#,
  ])
  func keyForSomethingElseIsLeftOut(_ key: String) throws {
    #expect(Self.problem("{\"keys\":[\(key)]}")?.hasPrefix("there is no key for one of") == true)
    #expect(Self.problem("{\"keys\":[\(key),\(Example.go[0].key)]}") == nil)
  }

  @Test(arguments: ["", "{}", "[]", #"{"keys": {}}"#, #"{"keys": []}"#])
  func setWithoutKeysIsRefused(_ set: String) {
    #expect(Self.problem(set) != nil)
  }
}
