/// A key that signatures are checked with, and with it the one algorithm that it is for: a token
/// never chooses how it is checked (RFC 8725 section 3.1).
struct TokenKey: Sendable {
  let id: String?
  let algorithm: SignatureAlgorithm
  let material: any KeyMaterial

  func isValid(_ signature: [UInt8], for signed: [UInt8]) -> Bool {
    material.isValid(signature, for: signed, algorithm)
  }
}

/// What is behind a key: a `PublicKey` or a `SharedSecret`.
protocol KeyMaterial: Sendable {
  /// Whether this is a signature of these bytes by the key's owner. False as well where the
  /// algorithm is for another kind of key.
  func isValid(
    _ signature: [UInt8], for signed: [UInt8], _ algorithm: SignatureAlgorithm
  ) -> Bool
}
