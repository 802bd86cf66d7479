/// An application's headers or trailers of a call: names with values, in order.
///
/// Names may repeat. They are lower-case ASCII (digits, letters, `_`, `-`, `.`). A value is
/// printable ASCII, or any bytes if the name ends in `-bin`; here it is always the bytes
/// themselves, not base64, which only the wire uses (gRPC, `doc/PROTOCOL-HTTP2.md`,
/// Custom-Metadata).
///
/// All fields are in one block of bytes, because headers arrive as bytes and most are never read:
/// a call with five headers costs one allocation, not ten strings.
public struct Metadata: Sendable, Equatable {
  /// For each field: name length and value length (four bytes each, little-endian), name, value.
  private var block: [UInt8] = []

  public init() {}

  public var isEmpty: Bool { block.isEmpty }

  /// The number of fields, repeated names included.
  public var count: Int {
    var count = 0
    forEach { _, _ in count += 1 }
    return count
  }

  /// The first value of a name as text; nil if there is none. The name must be in lower case.
  public subscript(name: String) -> String? {
    bytes(name).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Every value of a name as text, in order.
  public func values(_ name: String) -> [String] {
    var values: [String] = []
    forEach {
      if $0.elementsEqual(name.utf8) { values.append(String(decoding: $1, as: UTF8.self)) }
    }
    return values
  }

  /// True if the name occurs. The name must be in lower case.
  public func contains(_ name: String) -> Bool {
    var isFound = false
    forEach { found, _ in isFound = isFound || found.elementsEqual(name.utf8) }
    return isFound
  }

  /// The first value of a name as bytes; nil if there is none.
  public func bytes(_ name: String) -> [UInt8]? {
    var found: [UInt8]?
    forEach { if found == nil, $0.elementsEqual(name.utf8) { found = Array($1) } }
    return found
  }

  /// Adds a field. Lower-cases the name.
  ///
  /// Replaces characters that an ASCII value cannot carry by `?`, so that no data breaks the
  /// headers; use a `-bin` name for arbitrary text.
  public mutating func append(_ name: String, _ value: String) {
    append(name, bytes: Array(value.utf8))
  }

  /// Adds a field with bytes; arbitrary bytes need a name that ends in `-bin`.
  public mutating func append(_ name: String, bytes value: [UInt8]) {
    let name = Self.checked(name)
    let isBinary = Self.isBinary(name)
    let value = isBinary ? value : value.map { Self.isPrintable($0) ? $0 : UInt8(ascii: "?") }
    name.withUnsafeBufferPointer { name in
      value.withUnsafeBufferPointer { appendUnchecked(name: name, value: $0) }
    }
  }

  /// Appends all fields of another block.
  public mutating func append(contentsOf other: Metadata) {
    block += other.block
  }
}

extension Metadata: ExpressibleByDictionaryLiteral {
  /// `["tenant": "blue"]`; repeated names are kept, in order.
  public init(dictionaryLiteral elements: (String, String)...) {
    for (name, value) in elements { append(name, value) }
  }
}

extension Metadata: CustomStringConvertible {
  /// Names only: values may be secrets.
  public var description: String {
    var names: [String] = []
    forEach { name, _ in names.append(String(decoding: name, as: UTF8.self)) }
    return "[\(names.joined(separator: ", "))]"
  }
}

extension Metadata {
  /// All fields as bytes to keep; empty where there are none.
  public var encoded: [UInt8] { block }

  /// What was encoded; nil for any other bytes.
  public init?(encoded bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      guard let name = Self.length(&rest), let value = Self.length(&rest),
        name + value <= rest.count
      else { return nil }
      rest = rest.dropFirst(name + value)
    }
    block = bytes
  }

  private static func length(_ bytes: inout ArraySlice<UInt8>) -> Int? {
    guard bytes.count >= 4 else { return nil }
    defer { bytes = bytes.dropFirst(4) }
    return bytes.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}

extension Metadata {
  /// Visits each field in order. The buffers are valid during the visit.
  package func forEach(
    _ visit: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Void
  ) {
    block.withUnsafeBufferPointer { block in
      let raw = UnsafeRawBufferPointer(block)
      var at = 0
      while at < block.count {
        let name = Int(UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
        let value = Int(
          UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self)))
        at += 8
        visit(
          UnsafeBufferPointer(rebasing: block[at..<at + name]),
          UnsafeBufferPointer(rebasing: block[at + name..<at + name + value]))
        at += name + value
      }
    }
  }

  /// Adds a field from the wire, whose characters the lower protocol has checked.
  package mutating func appendUnchecked(
    name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>
  ) {
    makeRoom(for: 8 + name.count + value.count)
    let lengths = UInt64(UInt32(name.count)) | UInt64(UInt32(value.count)) << 32
    withUnsafeBytes(of: lengths.littleEndian) { block.append(contentsOf: $0) }
    block.append(contentsOf: name)
    block.append(contentsOf: value)
  }

  /// Grows like an array, but begins with the size that most calls need.
  private mutating func makeRoom(for count: Int) {
    let needed = block.count + count
    if needed > block.capacity { block.reserveCapacity(max(needed, 2 * block.capacity, 224)) }
  }

  /// True if the name ends in `-bin`: its value is bytes.
  package static func isBinary(_ name: some BidirectionalCollection<UInt8>) -> Bool {
    // The last letter tells most names apart.
    name.last == UInt8(ascii: "n") && name.suffix(4).elementsEqual("-bin".utf8)
  }

  /// True if `append` accepts the name with a text value.
  package static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.allSatisfy(isNameCharacter) && !name.hasPrefix("grpc-")
      && !isBinary(Array(name.utf8))
  }

  /// The name in lower case. Programmers write names, so an invalid one traps.
  private static func checked(_ name: String) -> [UInt8] {
    let lower = name.utf8.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
    precondition(
      !lower.isEmpty && lower.allSatisfy(isNameCharacter),
      "a metadata name is made of a-z, 0-9, '_', '-' and '.', unlike \"\(name)\"")
    precondition(
      !lower.starts(with: "grpc-".utf8),
      "metadata names that begin with \"grpc-\" belong to gRPC, like \"\(name)\"")
    return lower
  }

  private static func isNameCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x61...0x7a, 0x30...0x39, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): true
    default: false
    }
  }

  private static func isPrintable(_ byte: UInt8) -> Bool { (0x20...0x7e).contains(byte) }
}
