/// Writes a message field by field, for messages assembled from existing bytes. Source:
/// protobuf.dev/programming-guides/encoding.
@frozen public struct FieldWriter {
  @usableFromInline var written: [UInt8] = []

  @inlinable public init() {}

  @inlinable public init(reserving byteCount: Int) { written.reserveCapacity(byteCount) }

  /// Lets `body` append to bytes that are complete fields.
  @inlinable public static func append(to bytes: inout [UInt8], _ body: (inout FieldWriter) -> Void)
  {
    var writer = FieldWriter()
    swap(&writer.written, &bytes)
    body(&writer)
    swap(&writer.written, &bytes)
  }

  /// The bytes written.
  @inlinable public var bytes: [UInt8] { written }

  /// Appends complete fields.
  @inlinable public mutating func fields(_ encoded: [UInt8]) { written += encoded }

  /// Writes a field with this content: bytes, or a nested message.
  @inlinable public mutating func field(_ number: UInt32, _ content: [UInt8]) {
    start(number, byteCount: content.count)
    written += content
  }

  @inlinable public mutating func field(_ number: UInt32, _ content: UnsafeRawBufferPointer) {
    start(number, byteCount: content.count)
    written += content
  }

  /// Writes a field with a nested message. Its length is put in front of it afterwards.
  ///
  /// - Parameter guess: the message's length, so that room is left for a length of this size. A
  ///   wrong guess costs moving the message.
  @inlinable public mutating func message(
    _ number: UInt32, guess: Int = 0, _ body: (inout FieldWriter) -> Void
  ) {
    tag(number, .lengthDelimited)
    let start = written.count
    let guessed = Self.varintByteCount(UInt64(guess))
    written.append(contentsOf: repeatElement(0, count: guessed))
    body(&self)
    let byteCount = written.count - start - guessed
    let needed = Self.varintByteCount(UInt64(byteCount))
    let length = (0..<needed).lazy.map { index in
      UInt8(byteCount >> (7 * index) & 0x7F) | (index < needed - 1 ? 0x80 : 0)
    }
    written.replaceSubrange(start..<start + guessed, with: length)
  }

  /// Writes the tag and length of a length-delimited field.
  @inlinable public mutating func start(_ number: UInt32, byteCount: Int) {
    tag(number, .lengthDelimited)
    varint(UInt64(byteCount))
  }

  /// Writes a string; omits an empty one, as proto3 does.
  @inlinable public mutating func text(_ number: UInt32, _ text: String) {
    guard !text.isEmpty else { return }
    var text = text
    text.withUTF8 {
      start(number, byteCount: $0.count)
      written += $0
    }
  }

  /// Writes bytes; omits empty ones, as proto3 does.
  @inlinable public mutating func data(_ number: UInt32, _ data: [UInt8]) {
    if !data.isEmpty { field(number, data) }
  }

  /// Writes a number or a boolean; omits 0, as proto3 does.
  @inlinable public mutating func number(_ number: UInt32, _ value: UInt64) {
    if value != 0 { numberEvenIfZero(number, value) }
  }

  /// Writes a number in a oneof, where presence has a meaning.
  @inlinable public mutating func numberEvenIfZero(_ number: UInt32, _ value: UInt64) {
    tag(number, .varint)
    varint(value)
  }

  /// Writes a field's tag.
  @inlinable public mutating func tag(_ number: UInt32, _ type: WireType) {
    varint(UInt64(number << 3) | UInt64(type.rawValue))
  }

  /// Writes a number without its tag, as after a tag or in a packed field.
  @inlinable public mutating func packed(_ value: UInt64, _ type: WireType = .varint) {
    switch type {
    case .varint: varint(value)
    case .fixed64: fixed(value, 8)
    case .fixed32: fixed(value, 4)
    case .lengthDelimited: preconditionFailure("only numbers are packed")
    }
  }

  @inlinable mutating func varint(_ value: UInt64) {
    var rest = value
    while rest > 0x7F {
      written.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    written.append(UInt8(rest))
  }

  @inlinable mutating func fixed(_ value: UInt64, _ count: Int) {
    for index in 0..<count { written.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
  }
}

// MARK: Sizes, for lengths that precede their content

extension FieldWriter {
  /// The size of a length-delimited field, with tag and length.
  @inlinable public static func fieldByteCount(_ number: UInt32, content: Int) -> Int {
    varintByteCount(UInt64(number << 3)) + varintByteCount(UInt64(content)) + content
  }

  /// The size of what `number` writes.
  @inlinable public static func numberByteCount(_ number: UInt32, _ value: UInt64) -> Int {
    value == 0 ? 0 : numberEvenIfZeroByteCount(number, value)
  }

  /// The size of what `numberEvenIfZero` writes.
  @inlinable public static func numberEvenIfZeroByteCount(_ number: UInt32, _ value: UInt64) -> Int
  {
    varintByteCount(UInt64(number << 3)) + varintByteCount(value)
  }

  @inlinable static func varintByteCount(_ value: UInt64) -> Int {
    (70 - (value | 1).leadingZeroBitCount) / 7
  }
}
