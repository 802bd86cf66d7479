import Testing

@testable import STOMP

/// Frames as they come from a wire.
@Suite struct FrameParserTests {
  /// What the parser makes of the bytes, fed in chunks of that size.
  private func items(
    _ text: String, chunk: Int = .max, limits: FrameLimits = .client
  ) throws -> [FrameParser.Item] {
    var parser = FrameParser(limits: limits)
    var items: [FrameParser.Item] = []
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      var part = rest.prefix(chunk)
      rest = rest.dropFirst(chunk)
      while let item = try parser.next(from: &part) { items.append(item) }
    }
    return items
  }

  private func frames(_ text: String, limits: FrameLimits = .client) throws -> [Frame] {
    try items(text, limits: limits).compactMap {
      if case .frame(let frame) = $0 { frame } else { nil }
    }
  }

  private func failure(_ text: String, limits: FrameLimits = .client) -> String? {
    do { return "no error: \(try items(text, limits: limits))" } catch {
      return (error as? STOMPError)?.message
    }
  }

  private static let several =
    "\nCONNECT\naccept-version:1.2\nlogin:me\n\n\0\r\n\nSUBSCRIBE\r\nid:1\r\ndestination:{\"a\"\\c1}\r\n"
    + "\r\n\0ACK\nid:a\\\\b\\nc\\rd\ncontent-length:3\n\nx\0y\0SEND\n\nbody\0"

  @Test func aFrameHasCommandHeadersAndBody() throws {
    let frames = try frames(Self.several)
    #expect(frames.map(\.command) == ["CONNECT", "SUBSCRIBE", "ACK", "SEND"])
    #expect(frames[1]["destination"] == "{\"a\":1}")
    #expect(frames[1].header("destination")?.written == "{\"a\"\\c1}")
    #expect(frames[2]["id"] == "a\\b\nc\rd")
    #expect(frames[2].body == Array("x\0y".utf8))
    #expect(frames[3].body == Array("body".utf8))
  }

  @Test func lineFeedsBetweenFramesAreHeartbeats() throws {
    #expect(try items(Self.several).count { $0 == .heartbeat } == 3)
  }

  @Test(arguments: 1...64) func framesMayBeCutAtEveryByte(chunk: Int) throws {
    #expect(try items(Self.several, chunk: chunk) == items(Self.several))
  }

  @Test func ofRepeatedHeadersTheFirstCounts() throws {
    #expect(try frames("ACK\nid:1\nid:2\n\n\0")[0]["id"] == "1")
  }

  @Test func aValueMayHoldColons() throws {
    #expect(try frames("SUBSCRIBE\ndestination:a:b:\n\n\0")[0]["destination"] == "a:b:")
  }

  @Test func connectKeepsWhatIsNoEscape() throws {
    #expect(try frames("CONNECT\npasscode:a\\tb\\cc\\\n\n\0")[0]["passcode"] == "a\\tb:c\\")
  }

  @Test func elsewhereAnUnknownEscapeIsRefused() {
    #expect(failure("ACK\nid:a\\tb\n\n\0")?.contains("backslash") == true)
    #expect(failure("ACK\nid:a\\\n\n\0")?.contains("backslash") == true)
  }

  @Test(arguments: [
    ("ACK\nid\n\n\0", "no name and colon"),
    ("ACK\n:x\n\n\0", "no name and colon"),
    ("ACK\nid:1\0\n\n\0", "NUL"),
    ("\0", "NUL"),
    ("SEND\ncontent-length:x\n\n\0", "content-length"),
    ("SEND\ncontent-length:-1\n\n\0", "content-length"),
    ("SEND\ncontent-length:99999999999999999999\n\n\0", "longer than"),
    ("SEND\ncontent-length:1\n\nab\0", "no NUL follows"),
  ]) func whatIsNoFrameIsRefused(_ text: String, _ reason: String) throws {
    #expect(try #require(failure(text)).contains(reason))
  }

  @Test func headersThatAreNotUTF8AreRefused() {
    var parser = FrameParser()
    var bytes: ArraySlice<UInt8> = [0x41, 0x0A, 0x61, 0x3A, 0xFF, 0x0A]
    #expect(throws: STOMPError("a frame's headers are not UTF-8")) {
      try parser.next(from: &bytes)
    }
  }

  @Test func eachLimitHolds() throws {
    let limits = FrameLimits(headByteCount: 24, headerCount: 2, bodyByteCount: 4)
    #expect(try frames("A\nb:1\nc:2\n\n1234\0", limits: limits).count == 1)
    #expect(failure("A\nb:12345678901234567890123", limits: limits)?.contains("24 bytes") == true)
    #expect(failure("A\nb:1\nc:2\nd:3\n", limits: limits)?.contains("2 headers") == true)
    #expect(failure("A\n\n12345", limits: limits)?.contains("4 bytes") == true)
    #expect(failure("A\ncontent-length:5\n\n", limits: limits)?.contains("4 bytes") == true)
    #expect(failure(String(repeating: "x", count: 25), limits: limits)?.contains("24") == true)
  }

  @Test func whatIsWrittenIsRead() throws {
    let frame = Frame(
      "MESSAGE", [.init("a:b", "c:\\\n\rd"), .init("n", "v", written: "v")], body: [1, 2, 3])
    var bytes = frame.bytes[...]
    var parser = FrameParser(limits: .client)
    #expect(try parser.next(from: &bytes) == .frame(frame))
    #expect(bytes.isEmpty && parser.isBetweenFrames)
  }
}
