import Files
import Glibc

/// A file's bytes, or standard input's for `-`.
func readFile(_ path: String) throws(Failure) -> [UInt8] {
  func failure() -> Failure {
    Failure(.noInput, "\(path) cannot be read: \(String(cString: strerror(errno)))")
  }
  let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw failure() }
  defer { if path != "-" { close(descriptor) } }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 64 << 10)
  while true {
    let count = read(descriptor, &chunk, chunk.count)
    if count < 0, errno == EINTR { continue }
    guard count >= 0 else { throw failure() }
    if count == 0 { return bytes }
    bytes += chunk[..<count]
  }
}

/// Writes a file, replacing an existing one.
func writeFile(_ path: String, _ bytes: [UInt8]) throws(Failure) {
  func failure(_ code: Int32) -> Failure {
    Failure(.output, "\(path) cannot be written: \(String(cString: strerror(code)))")
  }
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
  guard descriptor >= 0 else { throw failure(errno) }
  let code = writeAll(bytes, to: descriptor)
  guard close(descriptor) == 0, code == 0 else { throw failure(code == 0 ? errno : code) }
}
