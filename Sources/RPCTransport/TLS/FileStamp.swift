#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Which version of a file lies at a path, as far as that shows without reading it.
///
/// Kubernetes replaces a secret's directory by a symbolic link, so the file's own number counts, too.
struct FileStamp: Equatable, Sendable {
  private let device: UInt64
  private let inode: UInt64
  private let size: Int64
  private let seconds: Int
  private let nanoseconds: Int

  /// Nil if there is nothing at the path.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int64(status.st_size)
    #if canImport(Glibc)
      let changed = status.st_mtim
    #else
      let changed = status.st_mtimespec
    #endif
    seconds = changed.tv_sec
    nanoseconds = changed.tv_nsec
  }
}
