import EventModel

/// A header whose value is text.
public typealias MessageHeader = (name: String, value: String)

/// The headers of a message: names and values, one after the other in one piece of memory, since a
/// relay makes a dozen for each commit.
public struct MessageHeaders: Sendable {
  private var bytes: Bytes = []
  /// The end of each part in `bytes`: name, value, name, value, …
  private var ends: [Int] = []

  public init() {}

  /// - Parameters:
  ///   - count: room for this many headers.
  ///   - byteCount: room for this many bytes of names and values.
  public init(reserving count: Int, byteCount: Int) {
    bytes.reserveCapacity(byteCount)
    ends.reserveCapacity(2 * count)
  }

  public init(_ headers: some Sequence<Element>) {
    for (name, value) in headers { append(name, value) }
  }

  public var count: Int { ends.count / 2 }

  /// The bytes of all names and values.
  public var byteCount: Int { bytes.count }

  public mutating func append(_ name: String, _ value: String) { append(name, "", value) }

  public mutating func append(_ name: String, _ value: Bytes) {
    write(name)
    finish()
    bytes += value
    finish()
  }

  /// Adds a header with the value `start` plus `value`.
  ///
  /// - Parameter prefix: the beginning of the name.
  mutating func append(prefix: String = "", _ name: String, _ start: String, _ value: String) {
    write(prefix)
    write(name)
    finish()
    write(start)
    write(value)
    finish()
  }

  private mutating func write(_ text: String) { bytes += text.utf8 }

  private mutating func finish() { ends.append(bytes.count) }

  /// The bytes that `places` refers to, valid within `body`.
  public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    bytes.withUnsafeBytes(body)
  }

  /// The ranges of a header's name and value.
  public func places(of index: Int) -> (name: Range<Int>, value: Range<Int>) {
    let start = index == 0 ? 0 : ends[2 * index - 1]
    let (middle, end) = (ends[2 * index], ends[2 * index + 1])
    return (start..<middle, middle..<end)
  }
}

extension MessageHeaders: RandomAccessCollection {
  public typealias Element = (name: String, value: Bytes)

  public var startIndex: Int { 0 }
  public var endIndex: Int { count }

  public subscript(index: Int) -> Element {
    let (name, value) = places(of: index)
    return (String(decoding: bytes[name], as: UTF8.self), Bytes(bytes[value]))
  }
}
