import CCrypto

extension LibCrypto {
  /// HMAC with SHA-256 (RFC 2104): 32 bytes.
  public static func hmacSHA256(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
    start()
    return [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { code, count in
      // HMAC(3) reads and writes within these bounds; with a digest that exists it cannot fail.
      CCrypto.HMAC(
        EVP_sha256(), key, Int32(clamping: key.count), bytes, bytes.count, code.baseAddress, nil)
      count = Int(SHA256_DIGEST_LENGTH)
    }
  }
}
