import CCrypto

/// OpenSSL's libcrypto, for whoever calls it, or a library that does.
public enum LibCrypto {
  /// To be called before the first use. libcrypto then stays as it is when the process exits: by
  /// itself it would take its locks away (`OPENSSL_INIT_NO_ATEXIT`, OPENSSL_init_crypto(3)), and a
  /// thread that ends at that moment would ask for one of them, and crash.
  public static func start() { _ = isStarted }

  private static let isStarted: Bool = {
    OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil) == 1
  }()
}
