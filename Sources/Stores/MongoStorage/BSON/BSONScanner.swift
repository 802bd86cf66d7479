import Glibc

/// Iterates over a document's fields. Every step is checked: damaged bytes end the iteration.
struct BSONScanner {
  struct Field {
    let type: UInt8
    let name: UnsafeRawBufferPointer
    /// The range of the value.
    let content: Range<Int>

    func isNamed(_ wanted: UnsafeBufferPointer<UInt8>) -> Bool {
      guard let name = name.baseAddress, let start = wanted.baseAddress else {
        return self.name.count == wanted.count
      }
      return self.name.count == wanted.count && memcmp(name, start, wanted.count) == 0
    }
  }

  private let bytes: UnsafeRawBufferPointer
  private var offset = 4

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  mutating func next() -> Field? {
    guard offset < bytes.count, bytes[offset] != 0 else { return nil }
    let type = bytes[offset]
    let start = offset + 1
    guard let base = bytes.baseAddress,
      let zero = memchr(base + start, 0, bytes.count - start)
    else { return nil }
    let end = UnsafeRawPointer(zero) - base
    guard let size = size(of: type, at: end + 1), size <= bytes.count - end - 1 else { return nil }
    offset = end + 1 + size
    return Field(
      type: type, name: UnsafeRawBufferPointer(rebasing: bytes[start..<end]),
      content: end + 1..<offset)
  }

  /// The size of a value; nil for an unknown kind.
  private func size(of type: UInt8, at start: Int) -> Int? {
    switch BSONValue.Kind(rawValue: type) {
    case .null: 0
    case .bool: 1
    case .int32: 4
    case .double, .date, .int64: 8
    case .string: length(at: start, atLeast: 1).map { $0 + 4 }
    case .binary: length(at: start, atLeast: 0).map { $0 + 5 }
    case .document, .array: length(at: start, atLeast: 5)
    // Servers put an ObjectId and a timestamp into replies; only their sizes matter here.
    case nil: type == 7 ? 12 : type == 17 ? 8 : nil
    }
  }

  private func length(at start: Int, atLeast least: Int32) -> Int? {
    guard start + 4 <= bytes.count else { return nil }
    let length = Int32(
      littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: Int32.self))
    return length >= least ? Int(length) : nil
  }
}
