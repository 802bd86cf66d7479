import Files
import Glibc
import JSON

/// Why output cannot be written.
enum OutputFailure: Error, Equatable, CustomStringConvertible {
  /// Nobody reads it any more, as when it is piped into `head`: reason to stop, not to complain.
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

/// Standard output, gathered in large pieces.
struct StandardOutput {
  private static let pieceBytes = 64 << 10

  private var pending: [UInt8] = []

  /// Writes what `body` adds, also what it added before it threw.
  static func with(_ body: (inout StandardOutput) async throws -> Void) async throws {
    var output = StandardOutput()
    do { try await body(&output) } catch {
      try? output.flush()
      throw error
    }
    try output.flush()
  }

  /// Adds a line. What would control the terminal is written out, wherever it came from.
  mutating func line(_ text: String) throws(OutputFailure) {
    pending += text.displayed.utf8
    pending.append(UInt8(ascii: "\n"))
    if pending.count >= Self.pieceBytes { try flush() }
  }

  /// Adds bytes as they are.
  mutating func bytes(_ bytes: [UInt8]) throws(OutputFailure) {
    pending += bytes
    if pending.count >= Self.pieceBytes { try flush() }
  }

  /// Shows what was gathered. To be called before waiting for what may never come.
  mutating func flush() throws(OutputFailure) {
    defer { pending.removeAll(keepingCapacity: true) }
    let failure = writeAll(pending, to: STDOUT_FILENO)
    if failure == EPIPE { throw .closed }
    if failure != 0 { throw .system(failure) }
  }
}

/// Says something to the person at the terminal, beside the output. What would control the terminal
/// is written out, but for the ends of lines.
func complain(_ message: String) { explain("outrider: \(message)") }

/// The same without a name in front, for what continues a message.
func explain(_ message: String) {
  let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
  let text = lines.map { String($0).displayed }.joined(separator: "\n")
  writeAll(Array("\(text)\n".utf8), to: STDERR_FILENO)
}
