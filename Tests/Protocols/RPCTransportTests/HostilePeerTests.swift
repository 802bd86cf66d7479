import NIOCore
import NIOPosix
import RPC
import RPCTransport
import Testing

/// Bytes that are no proper HTTP/2. Each ends its own connection, and the server serves the next.
@Suite(.timeLimit(.minutes(5))) struct HostilePeerTests {
  static let echo = service("Echo", .unary { message, _ in message })

  struct Attack: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]

    init(_ name: String, bytes: [UInt8]) {
      testDescription = name
      self.bytes = bytes
    }

    init(_ name: String, _ frames: [UInt8]...) {
      self.init(name, bytes: preface + frames.flatMap(\.self))
    }
  }

  static let attacks: [Attack] = [
    Attack("HTTP/1.1", bytes: Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)),
    Attack("garbage", bytes: Array(11...210)),
    Attack("frame over the size limit", frame(0, stream: 1, length: 1 << 20)),
    Attack("settings of a broken length", frame(4, [1, 2, 3])),
    Attack("settings on a stream", frame(4, stream: 1)),
    Attack("too many settings", frame(4, repeated([0, 3, 0, 0, 0, 1], 40))),
    Attack("data on stream zero", frame(0, [1])),
    Attack("data on an idle stream", frame(0, stream: 1, [1])),
    Attack("headers on stream zero", frame(1, flags: 5, request)),
    Attack("headers on an even stream", frame(1, flags: 5, stream: 2, request)),
    Attack("broken header compression", frame(1, flags: 5, stream: 1, [255, 255, 255, 255])),
    Attack("continuation out of nowhere", frame(9, flags: 4, stream: 1, request)),
    Attack("headers cut by another frame", frame(1, stream: 1, request), ping),
    Attack(
      "endless continuations", frame(1, stream: 1, request), repeated(frame(9, stream: 1), 99)),
    Attack("ping of a broken length", frame(6, [1])),
    Attack("window update of zero", frame(8, [0, 0, 0, 0])),
    Attack("window overflow", frame(8, [0x7f, 255, 255, 255])),
    Attack("push promise from a client", frame(5, flags: 4, stream: 1, [0, 0, 0, 2] + request)),
    Attack("reset of an idle stream", frame(3, stream: 1, [0, 0, 0, 8])),
    Attack("rapid resets", rapidResets(2000)),
    Attack("resets that it provokes", provokedResets(2000)),
    Attack("half-open streams without end", halfOpenStreams(20_000)),
    Attack("pings without end", repeated(ping, 100)),
    Attack("settings without end", repeated(frame(4), 20_000)),
    Attack("priorities without end", repeated(frame(2, stream: 1, [0, 0, 0, 0, 1]), 20_000)),
    Attack("window updates without end", repeated(frame(8, [0, 0, 0, 1]), 20_000)),
    Attack("frames of an unknown type without end", repeated(frame(99, [1]), 20_000)),
    Attack(
      "empty data without end", frame(1, flags: 4, stream: 1, request),
      repeated(frame(0, stream: 1), 20_000)),
    Attack(
      "headers on a closed stream", frame(1, flags: 5, stream: 1, request),
      frame(1, flags: 5, stream: 1, request)),
  ]

  @Test(arguments: attacks)
  func connectionThatBreaksTheProtocolIsClosedAlone(_ attack: Attack) async throws {
    var configuration = RPCServerConfiguration()
    configuration.limits.idleBytesMax = 100_000
    try await withServer(Self.echo, configuration) { channel, address, _ in
      _ = try await channel.unary(method("Echo"), [])
      try await RawSocket.sendUntilClosed(attack.bytes, to: address)
      let answer = try await channel.unary(method("Echo"), [1])
      #expect(answer == [1])
    }
  }
}

extension HostilePeerTests {
  /// What every client sends first: the magic and its settings (RFC 9113 section 3.4).
  static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + frame(4)
  static let ping = frame(6, repeated([0], 8))
  static let request = block([
    ":method": "POST", ":scheme": "http", ":path": "/test.Test/Echo", ":authority": "a",
    "content-type": "application/grpc", "te": "trailers",
  ])

  /// A frame with its head (RFC 9113 section 4.1).
  static func frame(
    _ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, length: Int? = nil, _ payload: [UInt8] = []
  ) -> [UInt8] {
    let length = UInt32(length ?? payload.count)
    var frame: [UInt8] = []
    withUnsafeBytes(of: (length << 8 | UInt32(type)).bigEndian) { frame += $0 }
    frame.append(flags)
    withUnsafeBytes(of: stream.bigEndian) { frame += $0 }
    return frame + payload
  }

  /// A header block of literals without indexing (RFC 7541 section 6.2.2).
  static func block(_ fields: KeyValuePairs<String, String>) -> [UInt8] {
    var block: [UInt8] = []
    for (name, value) in fields {
      block += [0, UInt8(name.utf8.count)]
      block += name.utf8
      block.append(UInt8(value.utf8.count))
      block += value.utf8
    }
    return block
  }

  static func repeated(_ bytes: [UInt8], _ count: Int) -> [UInt8] {
    Array(repeatElement(bytes, count: count).joined())
  }

  /// Streams that the server resets, since each has its window moved by nothing (CVE-2025-8671).
  static func provokedResets(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for number in 0..<UInt32(count) {
      bytes += frame(1, flags: 4, stream: number * 2 + 1, request)
      bytes += frame(8, stream: number * 2 + 1, [0, 0, 0, 0])
    }
    return bytes
  }

  /// Requests that never end, more than anybody allowed.
  static func halfOpenStreams(_ count: Int) -> [UInt8] {
    (0..<UInt32(count)).flatMap { frame(1, flags: 4, stream: $0 * 2 + 1, request) }
  }

  /// Streams that are opened and given up at once (CVE-2023-44487).
  static func rapidResets(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for number in 0..<UInt32(count) {
      bytes += frame(1, flags: 4, stream: number * 2 + 1, request)
      bytes += frame(3, stream: number * 2 + 1, [0, 0, 0, 8])
    }
    return bytes
  }
}

extension HostilePeerTests {
  @Test func connectionThatNeverSpeaksIsClosed() async throws {
    var hasty = RPCServerConfiguration()
    hasty.firstWordTimeout = .milliseconds(1)
    try await withServer(Self.echo, hasty) { _, address, _ in
      await #expect(throws: Never.self) { try await RawSocket.sendUntilClosed([], to: address) }
    }
  }

  @Test func connectionBeyondTheLimitIsClosedAndTheOthersLive() async throws {
    var narrow = RPCServerConfiguration()
    narrow.limits.connectionsMax = 1
    // The calls are made from one loop, so that they share the one connection.
    let loops = EventLoops(threads: 1)
    let server = RPCServer(Self.echo, narrow, on: loops)
    let address = try await server.listen(on: .tcp(host: "127.0.0.1", port: 0))
    let channel = HTTP2Channel(to: address, on: loops)
    _ = try await channel.unary(method("Echo"), [])
    try await RawSocket.sendUntilClosed(Self.preface, to: address)
    let answer = try await channel.unary(method("Echo"), [1])
    #expect(answer == [1])
    await channel.close()
    await server.shutdown(grace: .zero)
    try await loops.shutdown()
  }
}

/// A socket that sends bytes and waits until the other side closes it.
enum RawSocket {
  static func sendUntilClosed(_ bytes: [UInt8], to address: Address) async throws {
    guard case .tcp(let host, let port) = address else { fatalError("tests use TCP") }
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: host, port: port).get()
    // The other side may close before it has read everything, which fails the write.
    try? await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    try await channel.closeFuture.get()
  }
}
