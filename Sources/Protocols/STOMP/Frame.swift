/// A STOMP frame (STOMP 1.2, *STOMP Frames*): a command, headers, a body.
public struct Frame: Equatable, Sendable {
  /// One header line.
  public struct Header: Equatable, Sendable {
    public let name: String
    public let value: String
    /// The escaped value.
    public let written: String

    /// A header to send: escapes the value.
    public init(_ name: String, _ value: String) {
      self.init(name, value, written: HeaderEscapes.encode(value))
    }

    /// A received header, or one to send exactly as received.
    public init(_ name: String, _ value: String, written: String) {
      self.name = name
      self.value = value
      self.written = written
    }
  }

  public let command: String
  public let headers: [Header]
  public let body: [UInt8]

  public init(_ command: String, _ headers: [Header] = [], body: [UInt8] = []) {
    self.command = command
    self.headers = headers
    self.body = body
  }

  /// The first header of the name: repeated ones do not count (*Repeated Header Entries*).
  public func header(_ name: String) -> Header? {
    headers.first { $0.name.utf8.elementsEqual(name.utf8) }
  }

  /// The value of the first header of that name.
  public subscript(name: String) -> String? { header(name)?.value }
}

extension Frame {
  /// The encoded frame with its NUL. Has no content-length, so the body must hold no NUL.
  public var bytes: [UInt8] {
    var bytes = Array(command.utf8)
    bytes.reserveCapacity(256 + body.count)
    bytes.append(lineFeed)
    for header in headers {
      bytes += HeaderEscapes.encode(header.name).utf8
      bytes.append(UInt8(ascii: ":"))
      bytes += header.written.utf8
      bytes.append(lineFeed)
    }
    bytes.append(lineFeed)
    bytes += body
    bytes.append(0)
    return bytes
  }

  /// A heart-beat for a silent connection (*Heart-beating*).
  public static let heartbeat: [UInt8] = [lineFeed]
}

let lineFeed = UInt8(ascii: "\n")
