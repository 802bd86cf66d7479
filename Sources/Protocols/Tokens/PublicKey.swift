import CCrypto

/// A public key in libcrypto. Unsound keys are refused at creation, not at use.
///
/// `@unchecked Sendable`: threads may share a key that is not modified (openssl-threads(7)), and
/// none is.
final class PublicKey: KeyMaterial, @unchecked Sendable {
  enum Kind: Equatable {
    case rsa
    case elliptic(Curve)
    case ed25519
  }

  /// Shorter keys are insecure (RFC 7518 section 3.3), longer ones too slow.
  static let rsaBits = 2048...16384

  let kind: Kind
  private let key: OpaquePointer

  /// Takes ownership of the key, and frees it even if it is refused.
  private init?(taking key: OpaquePointer?) {
    guard let key, let kind = Kind(of: key), Self.isSound(key, kind) else {
      EVP_PKEY_free(key)
      ERR_clear_error()
      return nil
    }
    (self.key, self.kind) = (key, kind)
  }

  deinit { EVP_PKEY_free(key) }

  func isValid(
    _ signature: [UInt8], for signed: [UInt8], _ algorithm: SignatureAlgorithm
  ) -> Bool {
    guard algorithm.suits(kind), let signature = encoded(signature) else { return false }
    let context = EVP_MD_CTX_new()
    defer {
      EVP_MD_CTX_free(context)
      ERR_clear_error()
    }
    // Owned by the context.
    var details: OpaquePointer?
    guard EVP_DigestVerifyInit(context, &details, algorithm.hash?.function, nil, key) == 1
    else { return false }
    if case .rsaPSS = algorithm {
      // RFC 7518 section 3.5: the salt is as long as the hash.
      guard EVP_PKEY_CTX_set_rsa_padding(details, RSA_PKCS1_PSS_PADDING) == 1,
        EVP_PKEY_CTX_set_rsa_pss_saltlen(details, RSA_PSS_SALTLEN_DIGEST) == 1
      else { return false }
    }
    return EVP_DigestVerify(context, signature, signature.count, signed, signed.count) == 1
  }

  /// The signature in libcrypto's form. Elliptic curve signatures are two numbers of a fixed size
  /// (RFC 7518 section 3.4), which libcrypto wants as a DER sequence (RFC 3279 section 2.2.3).
  private func encoded(_ raw: [UInt8]) -> [UInt8]? {
    guard case .elliptic(let curve) = kind else { return raw }
    guard raw.count == 2 * curve.byteCount else { return nil }
    let pair = ECDSA_SIG_new()
    defer { ECDSA_SIG_free(pair) }
    let numbers = (
      BigNumber.make(raw.prefix(curve.byteCount)), BigNumber.make(raw.suffix(curve.byteCount))
    )
    // Takes ownership of the numbers on success.
    guard ECDSA_SIG_set0(pair, numbers.0, numbers.1) == 1 else {
      BN_free(numbers.0)
      BN_free(numbers.1)
      return nil
    }
    var bytes = [UInt8](repeating: 0, count: Int(max(i2d_ECDSA_SIG(pair, nil), 0)))
    bytes.withUnsafeMutableBufferPointer {
      var end = $0.baseAddress
      i2d_ECDSA_SIG(pair, &end)
    }
    return bytes
  }
}

// Sources of keys.
extension PublicKey {
  convenience init?(modulus: [UInt8], exponent: [UInt8]) {
    let bytesMax = Self.rsaBits.upperBound / 8
    guard modulus.count <= bytesMax, exponent.count <= bytesMax else { return nil }
    let (n, e) = (BigNumber.make(modulus[...]), BigNumber.make(exponent[...]))
    defer {
      BN_free(n)
      BN_free(e)
    }
    self.init(
      taking: Self.key("RSA") {
        OSSL_PARAM_BLD_push_BN($0, CCRYPTO_RSA_N, n) == 1
          && OSSL_PARAM_BLD_push_BN($0, CCRYPTO_RSA_E, e) == 1
      })
  }

  /// Coordinates must have the curve's size, with leading zeros (RFC 7518 section 6.2.1.2).
  convenience init?(_ curve: Curve, x: [UInt8], y: [UInt8]) {
    guard x.count == curve.byteCount, y.count == curve.byteCount else { return nil }
    // SEC 1 section 2.3.3: 4 means an uncompressed point.
    let point = [4] + x + y
    self.init(
      taking: curve.groupName.withCString { name in
        point.withUnsafeBufferPointer { point in
          Self.key("EC") {
            OSSL_PARAM_BLD_push_utf8_string($0, CCRYPTO_GROUP_NAME, name, 0) == 1
              && OSSL_PARAM_BLD_push_octet_string(
                $0, CCRYPTO_POINT, point.baseAddress, point.count) == 1
          }
        }
      })
  }

  convenience init?(ed25519 bytes: [UInt8]) {
    guard Edwards25519.isPoint(bytes) else { return nil }
    self.init(taking: EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count))
  }

  /// A SubjectPublicKeyInfo in DER (RFC 5280 section 4.1).
  convenience init?(publicKeyInfo: [UInt8]) {
    self.init(
      taking: publicKeyInfo.withUnsafeBufferPointer {
        var start = $0.baseAddress
        return d2i_PUBKEY(nil, &start, $0.count)
      })
  }

  /// The key of a certificate in DER. Does not check its signature or dates: a configured
  /// certificate is trusted.
  convenience init?(certificate: [UInt8]) {
    let parsed = certificate.withUnsafeBufferPointer {
      var start = $0.baseAddress
      return d2i_X509(nil, &start, $0.count)
    }
    defer { X509_free(parsed) }
    self.init(taking: X509_get_pubkey(parsed))
  }

  /// Nil if the parameters are not a key of this type. Pushed values must live until this returns:
  /// libcrypto keeps pointers to them (OSSL_PARAM_BLD(3)).
  private static func key(
    _ type: String, _ push: (OpaquePointer?) -> Bool
  ) -> OpaquePointer? {
    let builder = OSSL_PARAM_BLD_new()
    let context = EVP_PKEY_CTX_new_from_name(nil, type, nil)
    defer {
      OSSL_PARAM_BLD_free(builder)
      EVP_PKEY_CTX_free(context)
    }
    guard push(builder), let parameters = OSSL_PARAM_BLD_to_param(builder) else { return nil }
    defer { OSSL_PARAM_free(parameters) }
    var key: OpaquePointer?
    guard EVP_PKEY_fromdata_init(context) == 1,
      EVP_PKEY_fromdata(context, &key, CCRYPTO_PUBLIC_KEY, parameters) == 1
    else { return nil }
    return key
  }

  private static func isSound(_ key: OpaquePointer, _ kind: Kind) -> Bool {
    if kind == .rsa, !rsaBits.contains(Int(EVP_PKEY_get_bits(key))) { return false }
    let context = EVP_PKEY_CTX_new_from_pkey(nil, key, nil)
    defer { EVP_PKEY_CTX_free(context) }
    return EVP_PKEY_public_check(context) == 1
  }
}

extension PublicKey.Kind {
  /// Nil if the kind of key is not supported.
  fileprivate init?(of key: OpaquePointer) {
    if EVP_PKEY_is_a(key, "RSA") == 1 {
      self = .rsa
    } else if EVP_PKEY_is_a(key, "ED25519") == 1 {
      self = .ed25519
    } else {
      var name = [CChar](repeating: 0, count: 64)
      guard EVP_PKEY_is_a(key, "EC") == 1,
        EVP_PKEY_get_group_name(key, &name, name.count, nil) == 1,
        let curve = Curve.allCases.first(where: { name.starts(with: $0.groupName.utf8CString) })
      else { return nil }
      self = .elliptic(curve)
    }
  }

  /// The algorithm of this kind of key, unless it names another.
  var usualAlgorithm: SignatureAlgorithm {
    switch self {
    case .rsa: .rsa(.sha256)
    case .elliptic(let curve): .ecdsa(curve)
    case .ed25519: .edDSA
    }
  }
}

extension SignatureAlgorithm {
  func suits(_ kind: PublicKey.Kind) -> Bool {
    switch self {
    case .hmac: false
    case .rsa, .rsaPSS: kind == .rsa
    case .ecdsa(let curve): kind == .elliptic(curve)
    case .edDSA: kind == .ed25519
    }
  }
}

/// libcrypto's arbitrary-precision numbers.
private enum BigNumber {
  /// Big-endian. The caller frees the number.
  static func make(_ bytes: ArraySlice<UInt8>) -> OpaquePointer? {
    bytes.withUnsafeBufferPointer { BN_bin2bn($0.baseAddress, Int32($0.count), nil) }
  }
}
