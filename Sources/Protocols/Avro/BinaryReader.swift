/// Reads the primitives of Avro's binary encoding (Apache Avro 1.11, "Binary Encoding"). Counts
/// values, so that few bytes cannot cause much work.
package struct BinaryReader {
  let bytes: [UInt8]
  private(set) var position = 0
  private var valuesLeft = AvroLimits.valuesMax

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// A reader of other bytes with the same remaining budget.
  func within(_ bytes: [UInt8]) -> BinaryReader {
    var reader = BinaryReader(bytes)
    reader.valuesLeft = valuesLeft
    return reader
  }

  /// Takes over the budget left by such a reader.
  mutating func count(_ reader: BinaryReader) { valuesLeft = reader.valuesLeft }

  package var isAtEnd: Bool { position == bytes.count }

  /// Counts a value against the budget, and checks its depth.
  mutating func begin(depth: Int) throws(AvroError) {
    guard depth < AvroLimits.depthMax else { throw .tooDeep }
    valuesLeft -= 1
    guard valuesLeft >= 0 else {
      throw AvroError("a datum may hold \(AvroLimits.valuesMax) values")
    }
  }

  mutating func byte() throws(AvroError) -> UInt8 {
    guard position < bytes.count else { throw AvroError("the datum is cut off") }
    defer { position += 1 }
    return bytes[position]
  }

  package mutating func boolean() throws(AvroError) -> Bool {
    switch try byte() {
    case 0: return false
    case 1: return true
    case let other: throw AvroError("expected boolean, got the byte \(other)")
    }
  }

  /// A 64-bit zigzag varint.
  package mutating func long() throws(AvroError) -> Int64 {
    var raw: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      let byte = try byte()
      guard shift < 63 || byte <= 1 else { break }
      raw |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1) }
    }
    throw AvroError("a number has more than 64 bits")
  }

  mutating func int() throws(AvroError) -> Int32 {
    let value = try long()
    guard let int = Int32(exactly: value) else {
      throw AvroError("expected int, got \(value)")
    }
    return int
  }

  mutating func fixed32() throws(AvroError) -> UInt32 {
    try slice(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  mutating func fixed64() throws(AvroError) -> UInt64 {
    try slice(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  mutating func slice(_ count: Int) throws(AvroError) -> ArraySlice<UInt8> {
    guard count <= bytes.count - position else { throw AvroError("the datum is cut off") }
    defer { position += count }
    return bytes[position..<position + count]
  }

  /// Length-prefixed bytes.
  package mutating func counted() throws(AvroError) -> ArraySlice<UInt8> {
    let count = try long()
    guard count >= 0, count <= bytes.count else {
      throw AvroError("a length of \(count) is beyond the end of the datum")
    }
    return try slice(Int(count))
  }

  package mutating func string() throws(AvroError) -> ArraySlice<UInt8> {
    let start = position
    let content = try counted()
    guard (try? UTF8Span(validating: bytes.span.extracting(content.indices))) != nil else {
      throw AvroError("expected string, got bytes that are not UTF-8, at byte \(start)")
    }
    return content
  }

  /// The index of a union's branch, or of an enum's symbol.
  package mutating func index(below count: Int) throws(AvroError) -> Int {
    let index = try long()
    guard index >= 0, index < count else {
      throw AvroError("there is no branch or symbol \(index); there are \(count)")
    }
    return Int(index)
  }

  /// The blocks of an array or a map: calls `body` with the index of each item. A negative count
  /// is followed by the block's size in bytes.
  package mutating func blocks(
    _ body: (inout BinaryReader, Int) throws(AvroError) -> Void
  ) throws(AvroError) {
    var item = 0
    while true {
      var count = try long()
      if count == 0 { return }
      var end: Int?
      if count < 0 {
        guard count > .min else { throw AvroError("a block has too many items") }
        count = -count
        let size = try long()
        guard size >= 0, size <= bytes.count - position else {
          throw AvroError("a block of \(size) bytes is beyond the end of the datum")
        }
        end = position + Int(size)
      }
      for _ in 0..<count {
        try body(&self, item)
        item += 1
      }
      guard end == nil || end == position else {
        throw AvroError("a block does not end where it says")
      }
    }
  }
}
