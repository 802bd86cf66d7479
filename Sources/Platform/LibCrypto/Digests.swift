import CCrypto
import Encodings

extension LibCrypto {
  /// The SHA-256 digest of the bytes (FIPS 180-4): 32 bytes.
  public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    start()
    return [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { digest, count in
      // SHA256(3) reads and writes within these bounds, and cannot fail.
      SHA256(bytes, bytes.count, digest.baseAddress)
      count = Int(SHA256_DIGEST_LENGTH)
    }
  }

  /// The digest as 64 hexadecimal digits.
  public static func hexSHA256(_ bytes: [UInt8]) -> String {
    Hexadecimal.encode(sha256(bytes))
  }

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

  /// The SHA-1 digest of the bytes (FIPS 180-4): 20 bytes. Not for security: it makes name-based
  /// UUIDs (RFC 9562 section 5.5).
  public static func sha1(_ bytes: [UInt8]) -> [UInt8] {
    start()
    return [UInt8](unsafeUninitializedCapacity: Int(SHA_DIGEST_LENGTH)) { digest, count in
      // SHA1(3) reads and writes within these bounds, and cannot fail.
      SHA1(bytes, bytes.count, digest.baseAddress)
      count = Int(SHA_DIGEST_LENGTH)
    }
  }
}
