/// A key that verifies signatures, with its only algorithm: a token must not choose how it is
/// verified (RFC 8725 section 3.1).
struct TokenKey: Sendable {
  let id: String?
  let algorithm: SignatureAlgorithm
  let material: any KeyMaterial

  func isValid(_ signature: [UInt8], for signed: [UInt8]) -> Bool {
    material.isValid(signature, for: signed, algorithm)
  }
}

/// The material of a key: a `PublicKey` or a `SharedSecret`.
protocol KeyMaterial: Sendable {
  /// True if the signature of these bytes is valid. False if the algorithm is for another kind of
  /// key.
  func isValid(
    _ signature: [UInt8], for signed: [UInt8], _ algorithm: SignatureAlgorithm
  ) -> Bool
}
