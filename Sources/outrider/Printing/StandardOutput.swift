import Glibc
import JSON

/// Nobody reads our output any more, as when it is piped into `head`: reason to stop, not to complain.
struct OutputClosed: Error {}

/// Standard output, gathered in large pieces.
struct StandardOutput {
  private static let pieceBytes = 64 << 10

  private var pending: [UInt8] = []

  /// Adds a line. What would control the terminal is written out, wherever it came from.
  mutating func line(_ text: String) throws(OutputClosed) {
    pending += text.displayed.utf8
    pending.append(UInt8(ascii: "\n"))
    if pending.count >= Self.pieceBytes { try flush() }
  }

  /// Shows what was gathered. To be called before waiting for anything, and at the end.
  mutating func flush() throws(OutputClosed) {
    defer { pending.removeAll(keepingCapacity: true) }
    guard write(pending, to: STDOUT_FILENO) else { throw OutputClosed() }
  }
}

/// Says something to the person at the terminal, beside the output. What would control the terminal
/// is written out, but for the ends of lines.
func complain(_ message: String) {
  let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
  let text = lines.map { String($0).displayed }.joined(separator: "\n")
  _ = write(Array("outrider: \(text)\n".utf8), to: STDERR_FILENO)
}

/// False where the other end is closed.
private func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
  bytes.withUnsafeBytes { bytes in
    var rest = bytes
    while !rest.isEmpty {
      let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
    return true
  }
}
