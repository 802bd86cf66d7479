import JSON
import Tokens

/// What a caller shows, and what is inside of one that is signed.
@Sendable func feedToken(_ input: [UInt8]) {
  _ = try? verifier.verify(String(decoding: input, as: UTF8.self), now: 0)
  if let payload = try? JSONValue.parse(input) { _ = TokenClaims(payload) }
}

/// A set of keys, or keys in PEM form. What they are made of must bear being used.
@Sendable func feedTokenKeys(_ input: [UInt8]) {
  guard let verifier = try? TokenVerifier(keys: input) else { return }
  for header in headers { _ = try? verifier.verify("\(header).e30.\(signature)", now: 0) }
}

private let verifier: TokenVerifier = {
  let keys = """
    {"keys":[{"kty":"oct","k":"nR31nbEcZw3xkieGtzYn7JC5VvlFoy9n_8EBKPiAWBI"},
    {"kty":"EC","crv":"P-256","x":"K8d_gxBYrFfyT7m6uhgZWZ0mTirq-WgE_yIbiLqIr50",
    "y":"O02SvhA3-q2Ck_f9lIvA0upq20vDaqYvNC9ZaAwaMCk"},
    {"kty":"OKP","crv":"Ed25519","x":"dSC7v-JutqqRHf_k6gNK2J22xLGlXmSkUgCo0VrXqIQ"}]}
    """
  do { return try TokenVerifier(keys: Array(keys.utf8)) } catch {
    preconditionFailure("our own keys cannot be read: \(error)")
  }
}()

/// `{"alg":"HS256"}`, ES256, ES384, ES512, RS256, PS256 and EdDSA.
private let headers = [
  "eyJhbGciOiJIUzI1NiJ9", "eyJhbGciOiJFUzI1NiJ9", "eyJhbGciOiJFUzM4NCJ9", "eyJhbGciOiJFUzUxMiJ9",
  "eyJhbGciOiJSUzI1NiJ9", "eyJhbGciOiJQUzI1NiJ9", "eyJhbGciOiJFZERTQSJ9",
]

/// As long as those of ES256 and EdDSA: 64 bytes need 86 characters.
private let signature = String(repeating: "AQIDBAUG", count: 10) + "AQIDBA"
