import CCrypto

extension LibCrypto {
  /// The SHA-1 digest of the bytes (FIPS 180-4): 20 bytes. It protects nothing: names of UUIDs are
  /// made with it (RFC 9562 section 5.5).
  public static func sha1(_ bytes: [UInt8]) -> [UInt8] {
    start()
    return [UInt8](unsafeUninitializedCapacity: Int(SHA_DIGEST_LENGTH)) { digest, count in
      // SHA1(3) reads and writes within these bounds, and cannot fail.
      SHA1(bytes, bytes.count, digest.baseAddress)
      count = Int(SHA_DIGEST_LENGTH)
    }
  }
}
