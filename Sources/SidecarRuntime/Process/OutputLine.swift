import Glibc

/// One line that a child wrote.
struct OutputLine: Equatable, Sendable {
  enum Stream: Sendable { case output, error }

  let stream: Stream
  /// Without its end.
  let bytes: [UInt8]

  /// Writes it to our own stream of the same kind, with a name in front.
  func writeThrough(name: String) {
    let line = Array("\(name) | ".utf8) + bytes + [UInt8(ascii: "\n")]
    writeAll(line, to: stream == .output ? STDOUT_FILENO : STDERR_FILENO)
  }
}
