import CCrypto

/// Texts of RFC 7468.
enum PEM {
  struct Block {
    /// The text after `BEGIN`.
    let label: String
    let bytes: [UInt8]
  }

  /// True if the text has at least the beginning of a block.
  static func isIn(_ text: [UInt8]) -> Bool {
    text.contains("-----BEGIN ".utf8)
  }

  /// The blocks of a text, ignoring text between them; nil if one is malformed.
  static func blocks(_ text: [UInt8]) -> [Block]? {
    text.withUnsafeBufferPointer { text in
      let source = BIO_new_mem_buf(text.baseAddress, Int32(clamping: text.count))
      defer {
        BIO_free(source)
        ERR_clear_error()
      }
      var blocks: [Block] = []
      while let block = next(source) { blocks.append(block) }
      return isAtEnd ? blocks : nil
    }
  }

  private static var isAtEnd: Bool {
    ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE
  }

  private static func next(_ source: OpaquePointer?) -> Block? {
    var label: UnsafeMutablePointer<CChar>?
    var header: UnsafeMutablePointer<CChar>?
    var bytes: UnsafeMutablePointer<UInt8>?
    var count = 0
    // Only decodes: encrypted keys stay encrypted, and no password is requested.
    guard PEM_read_bio(source, &label, &header, &bytes, &count) == 1 else { return nil }
    defer {
      CRYPTO_free(label, nil, 0)
      CRYPTO_free(header, nil, 0)
      CRYPTO_free(bytes, nil, 0)
    }
    return Block(
      label: label.map { String(cString: $0) } ?? "",
      bytes: Array(UnsafeBufferPointer(start: bytes, count: count)))
  }
}

extension TokenKey {
  /// The public keys and certificates of a PEM text. Each key is for its kind's usual algorithm:
  /// RS256, ES256, ES384, ES512 or EdDSA.
  static func keys(pem: [UInt8]) throws(TokenError) -> [TokenKey] {
    guard let blocks = PEM.blocks(pem) else { throw TokenError("a key in PEM form is broken") }
    var keys: [TokenKey] = []
    for block in blocks {
      let key = try publicKey(block)
      keys.append(
        TokenKey(id: nil, algorithm: key.kind.usualAlgorithm, material: key))
    }
    return keys
  }

  private static func publicKey(_ block: PEM.Block) throws(TokenError) -> PublicKey {
    let key: PublicKey?
    switch block.label {
    case "PUBLIC KEY": key = PublicKey(publicKeyInfo: block.bytes)
    case "CERTIFICATE": key = PublicKey(certificate: block.bytes)
    default:
      throw TokenError(
        "a \(block.label) is neither a PUBLIC KEY nor a CERTIFICATE, which are what checks tokens")
    }
    guard let key else {
      let curves = Curve.allCases.map(\.rawValue).joined(separator: ", ")
      throw TokenError(
        """
        a \(block.label) has no RSA key of \(PublicKey.rsaBits.lowerBound) to \
        \(PublicKey.rsaBits.upperBound) bits and no key of Ed25519, \(curves)
        """)
    }
    return key
  }
}
