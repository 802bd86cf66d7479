#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Reads a file of keys, certificates or a token. Throws if it is too long to be one.
public func readSmallFile(_ path: String) throws(FileError) -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw FileError(String(cString: strerror(errno))) }
  defer { close(descriptor) }
  return try withUnsafeTemporaryAllocation(byteCount: 1 << 20, alignment: 1) {
    (memory: UnsafeMutableRawBufferPointer) throws(FileError) in
    let count = read(descriptor, memory.baseAddress, memory.count)
    guard count >= 0 else { throw FileError(String(cString: strerror(errno))) }
    guard count < memory.count else { throw FileError("the file is too long") }
    return Array(memory[..<count])
  }
}

/// Why a file cannot be read.
public struct FileError: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
