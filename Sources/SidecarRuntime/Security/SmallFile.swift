import Glibc

/// The bytes of a file of keys or of a token; one that is too long for those is something else.
func readSmallFile(_ path: String) throws(SidecarError) -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw SidecarError(String(cString: strerror(errno))) }
  defer { close(descriptor) }
  var bytes = [UInt8](repeating: 0, count: 1 << 20)
  let count = read(descriptor, &bytes, bytes.count)
  guard count >= 0 else { throw SidecarError(String(cString: strerror(errno))) }
  guard count < bytes.count else { throw SidecarError("the file is too long") }
  return Array(bytes[..<count])
}
