/// Splits a stream of bytes into lines. A line longer than the bound is cut there.
struct LineSplitter {
  static let lineBytesMax = 64 << 10

  private var rest: [UInt8] = []

  /// The lines that are now complete, without their ends.
  mutating func take(_ bytes: [UInt8]) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    for byte in bytes {
      if byte == UInt8(ascii: "\n") {
        lines.append(withoutCarriageReturn(rest))
        rest.removeAll(keepingCapacity: true)
      } else {
        rest.append(byte)
        if rest.count == Self.lineBytesMax {
          lines.append(rest)
          rest.removeAll(keepingCapacity: true)
        }
      }
    }
    return lines
  }

  /// The last line, if it had no end.
  mutating func finish() -> [UInt8]? {
    defer { rest = [] }
    return rest.isEmpty ? nil : rest
  }

  private func withoutCarriageReturn(_ line: [UInt8]) -> [UInt8] {
    line.last == UInt8(ascii: "\r") ? line.dropLast() : line
  }
}
