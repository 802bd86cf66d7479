/// Splits the bytes of a connection into frames (STOMP 1.2, *Augmented BNF*).
///
/// Chunks may begin and end anywhere. The limits bound memory. Feed nothing after an error.
public struct FrameParser {
  public enum Item: Equatable, Sendable {
    case frame(Frame)
    /// A line feed between frames.
    case heartbeat
  }

  private enum State {
    case between
    case head
    /// The body up to the NUL; nil: no length was announced.
    case body(length: Int?)
  }

  public var limits: FrameLimits
  private var state = State.between
  private var headCount = 0
  private var line: [UInt8] = []
  private var command = ""
  private var headers: [Frame.Header] = []
  private var body: [UInt8] = []

  public init(limits: FrameLimits = .stranger) { self.limits = limits }

  /// True if the bytes so far end with a complete frame.
  public var isBetweenFrames: Bool { if case .between = state { true } else { false } }

  /// The next frame or heart-beat; consumes the bytes it reads. Nil once all are read.
  public mutating func next(from bytes: inout ArraySlice<UInt8>) throws(STOMPError) -> Item? {
    while let byte = bytes.first {
      switch state {
      case .between:
        if byte == lineFeed {
          bytes.removeFirst()
          return .heartbeat
        }
        // A line may end with CR LF.
        if byte == carriageReturn { bytes.removeFirst() } else { state = .head }
      case .head:
        bytes.removeFirst()
        try takeHead(byte)
      case .body(let length):
        if try takeBody(&bytes, length) { return .frame(finish()) }
      }
    }
    return nil
  }

  // MARK: The head

  private mutating func takeHead(_ byte: UInt8) throws(STOMPError) {
    headCount += 1
    guard headCount <= limits.headByteCount else {
      throw STOMPError("the frame's headers take more than \(limits.headByteCount) bytes")
    }
    guard byte != 0 else {
      throw STOMPError("a NUL stands before the empty line that ends a frame's headers")
    }
    guard byte == lineFeed else { return line.append(byte) }
    if line.last == carriageReturn { line.removeLast() }
    defer { line.removeAll(keepingCapacity: true) }
    if command.isEmpty {
      command = try text(of: line)
    } else if line.isEmpty {
      state = .body(length: try contentLength())
    } else {
      try takeHeader()
    }
  }

  private mutating func takeHeader() throws(STOMPError) {
    guard headers.count < limits.headerCount else {
      throw STOMPError("a frame may have \(limits.headerCount) headers, and this one has more")
    }
    headers.append(try header())
  }

  private func header() throws(STOMPError) -> Frame.Header {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0 else {
      throw STOMPError("a header of a \(command) frame has no name and colon")
    }
    let isLenient = ["CONNECT", "STOMP", "CONNECTED"].contains(command)
    let written = line[(colon + 1)...]
    guard let name = HeaderEscapes.decode(line[..<colon], isLenient: isLenient),
      let value = HeaderEscapes.decode(written, isLenient: isLenient)
    else {
      throw STOMPError(
        "a header of a \(command) frame has a backslash that begins none of \\\\ \\c \\n \\r")
    }
    return Frame.Header(
      try text(of: name), try text(of: value), written: try text(of: Array(written)))
  }

  private func text(of bytes: [UInt8]) throws(STOMPError) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw STOMPError("a frame's headers are not UTF-8")
    }
    return text
  }

  private func contentLength() throws(STOMPError) -> Int? {
    guard let written = headers.first(where: { $0.name == "content-length" })?.value else {
      return nil
    }
    guard !written.isEmpty, written.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      throw STOMPError("content-length must be a number of bytes, got \"\(written)\"")
    }
    guard let length = Int(written), length <= limits.bodyByteCount else { throw tooLong }
    return length
  }

  // MARK: The body

  /// True once the NUL after the body was read.
  private mutating func takeBody(
    _ bytes: inout ArraySlice<UInt8>, _ length: Int?
  ) throws(STOMPError) -> Bool {
    guard let length else { return try takeBodyUpToNUL(&bytes) }
    let part = bytes.prefix(length - body.count)
    body += part
    bytes = bytes[part.endIndex...]
    guard body.count == length, let end = bytes.popFirst() else { return false }
    guard end == 0 else {
      throw STOMPError("no NUL follows the \(length) bytes of a \(command) frame's body")
    }
    return true
  }

  private mutating func takeBodyUpToNUL(
    _ bytes: inout ArraySlice<UInt8>
  ) throws(STOMPError) -> Bool {
    let part = bytes.prefix { $0 != 0 }
    guard body.count + part.count <= limits.bodyByteCount else { throw tooLong }
    body += part
    bytes = bytes[part.endIndex...]
    return bytes.popFirst() != nil
  }

  private var tooLong: STOMPError {
    STOMPError("the body of a \(command) frame is longer than \(limits.bodyByteCount) bytes")
  }

  private mutating func finish() -> Frame {
    let frame = Frame(command, headers, body: body)
    self = FrameParser(limits: limits)
    return frame
  }
}

private let carriageReturn = UInt8(ascii: "\r")
