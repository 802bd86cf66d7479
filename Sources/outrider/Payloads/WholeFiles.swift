import Files
import Glibc

/// A file's bytes, or standard input's for `-`.
func readFile(_ path: String) throws(Failure) -> [UInt8] {
  do throws(FileError) {
    return path == "-" ? try readAll(from: STDIN_FILENO) : try Files.readFile(path)
  } catch {
    throw Failure(.noInput, "\(path) cannot be read: \(error)")
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
