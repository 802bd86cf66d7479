import CCrypto

/// The curve of Ed25519 (RFC 8032 section 5.1). libcrypto does not check its points: with an
/// invalid one, every signature would fail without a visible reason.
enum Edwards25519 {
  static let byteCount = 32

  /// True if the encoding is of a point (section 5.1.3): for its y, x² = (y² - 1) / (d y² + 1)
  /// has a root.
  static func isPoint(_ encoded: [UInt8]) -> Bool {
    guard var last = encoded.last, encoded.count == byteCount else { return false }
    // The highest bit is the sign of x.
    last &= 0x7f
    let little = encoded.dropLast() + [last]
    let context = BN_CTX_new()
    BN_CTX_start(context)
    defer {
      BN_CTX_end(context)
      BN_CTX_free(context)
    }
    let (prime, y, d) = (BN_CTX_get(context), BN_CTX_get(context), BN_CTX_get(context))
    // After one failure, BN_CTX_get returns only nil.
    guard let product = BN_CTX_get(context) else { return false }
    BN_set_bit(prime, 255)
    BN_sub_word(prime, 19)
    BN_lebin2bn(Array(little), Int32(little.count), y)
    guard BN_cmp(y, prime) < 0 else { return false }
    BN_mod_sqr(y, y, prime, context)
    // d = -121665 / 121666. Multiplying by 121666², a square, turns the quotient into a product
    // that is a square if and only if the quotient is: (y² - 1) (121666 - 121665 y²) 121666.
    BN_set_word(d, 121666)
    BN_copy(product, y)
    BN_mul_word(product, 121665)
    BN_mod_sub(product, d, product, prime, context)
    BN_mod_mul(product, product, d, prime, context)
    BN_sub_word(y, 1)
    BN_mod_mul(product, product, y, prime, context)
    return BN_kronecker(product, prime, context) >= 0
  }
}
