import Files
import Glibc
import JSON

/// One line of a child's output.
struct OutputLine: Equatable, Sendable {
  enum Stream: Sendable { case output, error }

  let stream: Stream
  /// Without its end.
  let bytes: [UInt8]

  /// Writes it to our own stream of the same kind, prefixed with the name.
  func writeThrough(name: String) {
    let line = "\(name) | \(displayed)\n"
    writeAll(Array(line.utf8), to: stream == .output ? STDOUT_FILENO : STDERR_FILENO)
  }

  /// The line without characters that control the terminal. Tabs stay: programs indent with them.
  var displayed: String {
    String(decoding: bytes, as: UTF8.self).split(separator: "\t", omittingEmptySubsequences: false)
      .map { String($0).displayed }.joined(separator: "\t")
  }
}
