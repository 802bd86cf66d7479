#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Reads a file of keys, certificates or a token. Throws if it is too long to be one.
public func readSmallFile(_ path: String) throws(FileError) -> [UInt8] {
  try readFile(path, byteCountMax: 1 << 20 - 1)
}

/// Reads a file. Throws if that fails, or if the file is longer than `byteCountMax`.
public func readFile(_ path: String, byteCountMax: Int = .max) throws(FileError) -> [UInt8] {
  let bytes = try readFile(path, stoppingAfter: byteCountMax)
  guard bytes.count <= byteCountMax else {
    throw FileError("the file is longer than \(byteCountMax) bytes")
  }
  return bytes
}

/// Reads a file, and stops soon after `byteCount` bytes: a longer result shows a longer file.
public func readFile(_ path: String, stoppingAfter byteCount: Int) throws(FileError) -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw FileError(code: errno) }
  defer { close(descriptor) }
  return try readAll(from: descriptor, stoppingAfter: byteCount)
}

/// Reads a descriptor to its end, or until more than `byteCount` bytes are there.
public func readAll(
  from descriptor: Int32, stoppingAfter byteCount: Int = .max
) throws(FileError) -> [UInt8] {
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 64 << 10)
  while bytes.count <= byteCount {
    let count = read(descriptor, &chunk, chunk.count)
    if count < 0, errno == EINTR { continue }
    guard count >= 0 else { throw FileError(code: errno) }
    if count == 0 { break }
    bytes += chunk[..<count]
  }
  return bytes
}

/// Why a file cannot be read.
public struct FileError: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) {
    self.description = description
  }

  /// - Parameter code: the system's error number.
  init(code: Int32) {
    description = String(cString: strerror(code))
  }
}
