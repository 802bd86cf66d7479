import CCrypto

/// A key that signatures are checked with, and with it the one algorithm that it is for: a token never
/// chooses how it is checked (RFC 8725 section 3.1).
struct TokenKey: Sendable {
  enum Material: Sendable {
    case secret([UInt8])
    case publicKey(PublicKey)
  }

  let id: String?
  let algorithm: SignatureAlgorithm
  let material: Material

  func isValid(_ signature: [UInt8], for signed: [UInt8]) -> Bool {
    switch (material, algorithm) {
    case (.secret(let secret), .hmac(let hash)):
      Self.isCode(signature, of: signed, hash, secret)
    case (.publicKey(let key), _): key.isValid(signature, for: signed, algorithm)
    case (.secret, _): false
    }
  }

  /// How long the comparison takes says nothing about where the two differ.
  private static func isCode(
    _ code: [UInt8], of signed: [UInt8], _ hash: Hash, _ secret: [UInt8]
  ) -> Bool {
    var expected = [UInt8](repeating: 0, count: hash.byteCount)
    return code.count == expected.count
      && HMAC(
        hash.function, secret, Int32(clamping: secret.count), signed, signed.count, &expected, nil)
        != nil
      && CRYPTO_memcmp(code, expected, expected.count) == 0
  }
}
