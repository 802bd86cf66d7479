import RPC
import Testing

@Suite struct MessageFramingTests {
  static let messages: [Message] = [[1, 2, 3], [], Array(0..<100), [9]]
  static let wire: [UInt8] = messages.flatMap { prefix($0.count) + $0 }

  /// The five bytes before a message that is short enough for them.
  static func prefix(_ count: Int) -> [UInt8] {
    let prefix = try! MessagePrefix(messageCount: count)
    return (0..<5).map { UInt8(truncatingIfNeeded: prefix.bytes >> (8 * $0)) }
  }

  @Test func messageThatNoPrefixCanAnnounceIsRefused() {
    let error = #expect(throws: RPCStatus.self) { try MessagePrefix(messageCount: 1 << 32) }
    #expect(error?.code == .resourceExhausted)
  }

  /// What comes out when the bytes come in chunks of one size.
  static func cut(
    _ bytes: [UInt8], chunk: Int, max: Int = 1000
  ) throws(RPCStatus) -> (messages: [Message], isComplete: Bool) {
    var deframer = MessageDeframer(messageBytesMax: max)
    var messages: [Message] = []
    for start in stride(from: 0, to: bytes.count, by: chunk) {
      let part = Array(bytes[start..<min(start + chunk, bytes.count)])
      try part.withUnsafeBufferPointer { (part) throws(RPCStatus) in
        var rest = part
        while let message = try deframer.next(from: &rest) { messages.append(message) }
      }
    }
    return (messages, deframer.isBetweenMessages)
  }

  @Test(arguments: 1...130)
  func messagesComeOutHoweverTheirBytesAreCut(_ chunk: Int) throws {
    let cut = try Self.cut(Self.wire, chunk: chunk)
    #expect(cut.messages == Self.messages)
    #expect(cut.isComplete)
  }

  @Test(arguments: 1..<Self.wire.count)
  func cutShortMessageIsNoticed(_ count: Int) throws {
    let ends = [8, 13, 118]
    let cut = try Self.cut(Array(Self.wire.prefix(count)), chunk: 7)
    #expect(cut.isComplete == ends.contains(count))
  }

  @Test func lengthOverTheLimitIsRefusedByItsPrefix() {
    let error = #expect(throws: RPCStatus.self) { try Self.cut([0, 0, 0, 3, 233], chunk: 5) }
    #expect(error?.code == .resourceExhausted)
  }

  @Test(arguments: [1, 2, 255] as [UInt8])
  func compressedFlagIsRefused(_ flag: UInt8) {
    let error = #expect(throws: RPCStatus.self) { try Self.cut([flag, 0, 0, 0, 1], chunk: 5) }
    #expect(error?.code == .internal)
  }
}
