import Glibc

/// How much of what is promised a test tries.
public enum Scale {
  /// A test whose full size takes longer than some ten seconds tries it where
  /// `OUTRIDER_TEST_FULL_SIZE` is set, as `make soak` does, and less where tests run often.
  public static func count(of full: Int, atFirst little: Int) -> Int {
    getenv("OUTRIDER_TEST_FULL_SIZE") == nil ? little : full
  }
}
