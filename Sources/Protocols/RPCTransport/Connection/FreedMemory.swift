import CMalloc

/// The allocator's handling of memory for messages.
public enum FreedMemory {
  /// Freed memory that a thread's heap keeps at its end.
  private static let bytesKept: Int32 = 8 << 20
  /// Larger messages return to the system at once when freed: longer-lived data would settle in
  /// the gap, and the next message would need new memory.
  private static let messageBytesKept: Int32 = 2 << 20

  /// Returns freed memory of all threads to the system. Takes milliseconds, during which other
  /// threads may wait for memory.
  public static func giveBack() {
    #if canImport(Glibc)
      malloc_trim(0)
    #endif
  }

  /// Keeps freed memory for the next message, in the whole process. Call it in `main`, before
  /// serving.
  ///
  /// glibc would return pieces above 128 KiB to the system at once, and the next message would get
  /// them anew, page by page, cleared: measured as a third of the cost of a 1 MiB message.
  public static func keep() {
    #if canImport(Glibc)
      mallopt(M_MMAP_THRESHOLD, messageBytesKept)
      mallopt(M_TRIM_THRESHOLD, bytesKept)
    #endif
  }
}
