#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Writes all bytes to a descriptor, in one system call where the system allows it, so that lines
/// of several threads do not mix.
///
/// Returns 0, or the system's error number of the write that failed.
@discardableResult
public func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
  bytes.withUnsafeBytes { bytes in
    var rest = bytes
    while !rest.isEmpty {
      let count = write(descriptor, rest.baseAddress, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return errno }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
    return 0
  }
}
