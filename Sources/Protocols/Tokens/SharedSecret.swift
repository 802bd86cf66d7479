import CCrypto

/// A shared secret for HMAC (RFC 2104).
struct SharedSecret: KeyMaterial {
  let bytes: [UInt8]

  /// Compares in constant time.
  func isValid(
    _ signature: [UInt8], for signed: [UInt8], _ algorithm: SignatureAlgorithm
  ) -> Bool {
    guard case .hmac(let hash) = algorithm else { return false }
    var expected = [UInt8](repeating: 0, count: hash.byteCount)
    return signature.count == expected.count
      && HMAC(
        hash.function, bytes, Int32(clamping: bytes.count), signed, signed.count, &expected, nil)
        != nil
      && CRYPTO_memcmp(signature, expected, expected.count) == 0
  }
}
