import CCrypto

/// OpenSSL's libcrypto, called directly or by another library.
public enum LibCrypto {
  /// Call before first use. Stops libcrypto from freeing its locks at exit
  /// (`OPENSSL_INIT_NO_ATEXIT`, OPENSSL_init_crypto(3)): a thread that ends then would use a freed
  /// lock and crash.
  public static func start() { _ = isStarted }

  private static let isStarted: Bool = {
    OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil) == 1
  }()
}
