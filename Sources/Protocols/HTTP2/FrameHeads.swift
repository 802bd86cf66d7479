/// Follows the frames in the bytes of a connection, to see their heads (RFC 9113 section 4.1).
struct FrameHeads {
  private static let headCount = 9

  /// Bytes until the next head.
  private var skipped: Int
  /// The part of a head that has come so far.
  private var head: (high: UInt64, low: UInt64) = (0, 0)
  private var count = 0

  /// - Parameter prefaceCount: bytes ahead of the first frame.
  init(prefaceCount: Int) { skipped = prefaceCount }

  /// The type and the stream of the next frame that begins in the bytes; takes what it reads off
  /// their front. Nil once they are all read.
  mutating func next(in bytes: inout UnsafeRawBufferPointer) -> (type: UInt8, stream: Int32)? {
    let skip = min(skipped, bytes.count)
    skipped -= skip
    bytes = UnsafeRawBufferPointer(rebasing: bytes[skip...])
    while count < Self.headCount {
      guard let byte = bytes.first else { return nil }
      bytes = UnsafeRawBufferPointer(rebasing: bytes[1...])
      head = (head.high << 8 | head.low >> 56, head.low << 8 | UInt64(byte))
      count += 1
    }
    // Of 72 bits: length (24), type (8), flags (8), stream (32, the first of which is reserved).
    let length = (head.high & 0xff) << 16 | head.low >> 48
    let type = UInt8(truncatingIfNeeded: head.low >> 40)
    let stream = Int32(truncatingIfNeeded: head.low & 0x7fff_ffff)
    skipped = Int(length)
    count = 0
    return (type, stream)
  }
}
