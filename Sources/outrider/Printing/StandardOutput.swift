import Files
import Glibc
import JSON

/// Why output failed.
enum OutputFailure: Error, Equatable, CustomStringConvertible {
  /// The reader has gone, as with `head`: stop without complaint.
  case closed
  /// The system's error number.
  case system(Int32)

  var description: String {
    switch self {
    case .closed: "nobody reads the output"
    case .system(let code): "the output cannot be written: \(String(cString: strerror(code)))"
    }
  }
}

/// Buffered standard output.
struct StandardOutput {
  private static let pieceBytes = 64 << 10

  private var pending: [UInt8] = []

  /// Writes what `body` adds, even if it throws.
  static func with(_ body: (inout StandardOutput) async throws -> Void) async throws {
    var output = StandardOutput()
    do { try await body(&output) } catch {
      try? output.flush()
      throw error
    }
    try output.flush()
  }

  /// Adds a line. Escapes characters that control the terminal, wherever they came from.
  mutating func line(_ text: String) throws(OutputFailure) {
    pending += text.displayed.utf8
    pending.append(UInt8(ascii: "\n"))
    if pending.count >= Self.pieceBytes { try flush() }
  }

  /// Adds bytes unchanged.
  mutating func bytes(_ bytes: [UInt8]) throws(OutputFailure) {
    pending += bytes
    if pending.count >= Self.pieceBytes { try flush() }
  }

  /// Writes the buffer. Call before a wait that may not end.
  mutating func flush() throws(OutputFailure) {
    defer { pending.removeAll(keepingCapacity: true) }
    let failure = writeAll(pending, to: STDOUT_FILENO)
    if failure == EPIPE { throw .closed }
    if failure != 0 { throw .system(failure) }
  }
}

/// Writes a message to standard error. Escapes characters that control the terminal, except line
/// ends.
func complain(_ message: String) { explain("outrider: \(message)") }

/// The same without the program's name, to continue a message.
func explain(_ message: String) {
  let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
  let text = lines.map { String($0).displayed }.joined(separator: "\n")
  writeAll(Array("\(text)\n".utf8), to: STDERR_FILENO)
}

/// Pads the text with blanks, to align columns.
func padded(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}
