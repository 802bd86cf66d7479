/// Scans the bytes of a connection for frame heads (RFC 9113 section 4.1).
struct FrameHeads {
  private static let headCount = 9

  /// Bytes until the next head.
  private var skipped: Int
  /// A partial head.
  private var head: (UInt64, UInt64) = (0, 0)
  private var count = 0

  /// - Parameter prefaceCount: bytes before the first frame.
  init(prefaceCount: Int) { skipped = prefaceCount }

  /// The type and stream of the next frame that begins in the bytes; consumes the bytes it reads.
  /// Nil once all are read.
  mutating func next(in bytes: inout UnsafeRawBufferPointer) -> (type: UInt8, stream: Int32)? {
    let skip = min(skipped, bytes.count)
    skipped -= skip
    bytes = UnsafeRawBufferPointer(rebasing: bytes[skip...])
    let part = min(Self.headCount - count, bytes.count)
    let (type, length, stream) = withUnsafeMutableBytes(of: &head) { head in
      UnsafeMutableRawBufferPointer(rebasing: head[count...]).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: bytes[..<part]))
      // Length (24 bits), type (8), flags (8), stream (32, the first one reserved).
      return (
        head[3], Int(UInt32(bigEndian: head.loadUnaligned(as: UInt32.self)) >> 8),
        Int32(bigEndian: head.loadUnaligned(fromByteOffset: 5, as: Int32.self)) & .max
      )
    }
    bytes = UnsafeRawBufferPointer(rebasing: bytes[part...])
    count += part
    guard count == Self.headCount else { return nil }
    skipped = length
    count = 0
    return (type, stream)
  }
}
