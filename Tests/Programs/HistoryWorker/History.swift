import Glibc

/// What this process did and saw, on its standard output.
enum History {
  /// Writes a line of words: at once, since we may be killed any time, and in one call, so that
  /// lines of several threads are not mixed.
  static func note(_ words: any CustomStringConvertible...) {
    put(words.map(\.description).joined(separator: " "), on: STDOUT_FILENO)
  }

  /// Tells what went wrong to whoever looks into it.
  static func complain(_ message: String) { put(message, on: STDERR_FILENO) }

  private static func put(_ line: String, on descriptor: CInt) {
    let bytes = Array((line + "\n").utf8)
    guard write(descriptor, bytes, bytes.count) == bytes.count else {
      fatalError("the history cannot be written: \(String(cString: strerror(errno)))")
    }
  }
}
