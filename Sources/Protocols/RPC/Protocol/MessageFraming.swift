/// Splits the bytes of a stream into messages (gRPC, `doc/PROTOCOL-HTTP2.md`,
/// Length-Prefixed-Message).
///
/// Chunks may begin and end anywhere. Feed nothing after an error.
package struct MessageDeframer: ~Copyable {
  /// Bodies up to these bytes are allocated at once, larger ones up to a multiple of the received
  /// bytes: a length alone must not make us allocate, but growing step by step would copy most
  /// messages twice.
  private static let roomOnTrust = (bytes: 64 << 10, times: 64)

  /// A longer message is refused.
  package var messageBytesMax: Int
  /// The encoding of messages marked as compressed.
  package var encoding = Compression.identity
  /// True if the last message is compressed.
  package private(set) var isCompressed = false
  private var prefix: UInt64 = 0
  private var prefixCount = 0
  private var bodyCount = 0
  private var body: Message = []

  package init(messageBytesMax: Int) {
    self.messageBytesMax = messageBytesMax
  }

  /// True if the bytes so far end with a complete message.
  package var isBetweenMessages: Bool { prefixCount == 0 }

  /// Bytes of the incomplete message.
  package var partialCount: Int { body.count }

  /// The next complete message; consumes the bytes it reads. Nil once all are read.
  package mutating func next(
    from bytes: inout UnsafeBufferPointer<UInt8>
  ) throws(RPCStatus) -> Message? {
    while prefixCount < 5 {
      guard let byte = bytes.first else { return nil }
      bytes = UnsafeBufferPointer(rebasing: bytes[1...])
      prefix = prefix << 8 | UInt64(byte)
      prefixCount += 1
      if prefixCount == 5 { try begin() }
    }
    let part = UnsafeBufferPointer(rebasing: bytes.prefix(bodyCount - body.count))
    bytes = UnsafeBufferPointer(rebasing: bytes[part.count...])
    if part.count == bodyCount {
      prefixCount = 0
      return Array(part)
    }
    if body.count + part.count > body.capacity {
      let room = max(body.count * Self.roomOnTrust.times, Self.roomOnTrust.bytes)
      body.reserveCapacity(min(bodyCount, room))
    }
    body.append(contentsOf: part)
    guard body.count == bodyCount else { return nil }
    prefixCount = 0
    defer { body = [] }
    return body
  }

  private mutating func begin() throws(RPCStatus) {
    let flag = prefix >> 32
    bodyCount = Int(UInt32(truncatingIfNeeded: prefix))
    prefix = 0
    switch flag {
    case 0: isCompressed = false
    case 1 where encoding != .identity: isCompressed = true
    case 1:
      throw RPCStatus(.internal, "a message is compressed, but no grpc-encoding was announced")
    default:
      throw RPCStatus(.internal, "a message's prefix begins with \(flag), neither 0 nor 1")
    }
    if let tooLong = RPCStatus(tooLong: bodyCount, limit: messageBytesMax) { throw tooLong }
  }
}

/// The five-byte prefix of a message.
package struct MessagePrefix {
  package static let count = 5
  /// The bytes, the first one in the lowest bits.
  package let bytes: UInt64

  /// Throws RESOURCE_EXHAUSTED if the length exceeds the prefix's 32 bits.
  package init(messageCount count: Int, isCompressed: Bool = false) throws(RPCStatus) {
    if let tooLong = RPCStatus(tooLong: count, limit: Int(UInt32.max)) { throw tooLong }
    bytes = UInt64(UInt32(count).byteSwapped) << 8 | (isCompressed ? 1 : 0)
  }
}
