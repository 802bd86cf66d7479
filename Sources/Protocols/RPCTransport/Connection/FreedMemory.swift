import CMalloc

/// The memory that messages come and go in.
public enum FreedMemory {
  /// What a thread keeps at the end of its memory when it is freed.
  private static let bytesKept: Int32 = 8 << 20
  /// A larger message goes back to the system as soon as it is freed: what lives longer settles in
  /// the gap that it leaves, so that the next one would need new memory.
  private static let messageBytesKept: Int32 = 2 << 20

  /// Gives freed memory of all threads back to the system. It takes milliseconds, in which other
  /// threads may wait for memory.
  public static func giveBack() {
    #if canImport(Glibc)
      malloc_trim(0)
    #endif
  }

  /// Keeps freed memory for the next message, in the whole process: for its `main`, before it
  /// serves.
  ///
  /// glibc would give whatever is larger than 128 KiB back to the system at once, and the next
  /// message would get it anew, page by page, cleared: measured, a third of the cost of a message
  /// of 1 MiB.
  public static func keep() {
    #if canImport(Glibc)
      mallopt(M_MMAP_THRESHOLD, messageBytesKept)
      mallopt(M_TRIM_THRESHOLD, bytesKept)
    #endif
  }
}
