import Encodings

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Metadata {
  /// Adds a field in wire form: a `-bin` value is base64, and may be several joined by commas.
  /// Throws INTERNAL if it is malformed.
  package mutating func append(
    wireName name: UnsafeBufferPointer<UInt8>, wireValue value: UnsafeBufferPointer<UInt8>
  ) throws(RPCStatus) {
    guard Self.isBinary(name) else { return appendUnchecked(name: name, value: value) }
    for part in value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      let blank = UInt8(ascii: " ")
      let trimmed = part.drop { $0 == blank }
      guard let bytes = Base64.decode(trimmed) else {
        let name = String(decoding: name, as: UTF8.self)
        throw RPCStatus(.internal, "the value of the field \(name) is not base64")
      }
      bytes.withUnsafeBufferPointer { appendUnchecked(name: name, value: $0) }
    }
  }

  /// Visits each field in wire form.
  package func forEachOnWire(
    _ visit: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Void
  ) {
    forEach { name, value in
      if Self.isBinary(name) {
        Base64.encode(value, isPadded: false).withUnsafeBufferPointer { visit(name, $0) }
      } else {
        visit(name, value)
      }
    }
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Compares like C's memcmp: negative, zero or positive. The other buffer must be as long.
  /// Avoids the generic comparisons of sequences, which are slow on header blocks.
  func order(to other: UnsafeBufferPointer<UInt8>) -> Int {
    precondition(count == other.count, "only as many bytes compare")
    guard let mine = baseAddress, let others = other.baseAddress else { return 0 }
    return Int(memcmp(mine, others, count))
  }

  /// True if these are the bytes of the literal.
  package func equals(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    return self.count == count
      && order(to: UnsafeBufferPointer(start: text.utf8Start, count: count)) == 0
  }

  /// True if this comma-separated list contains the word.
  package func lists(_ word: StaticString) -> Bool {
    var isListed = false
    var rest = self
    while !rest.isEmpty, !isListed {
      let end = rest.firstIndex(of: UInt8(ascii: ",")) ?? rest.count
      let item = UnsafeBufferPointer(rebasing: rest[..<end].drop { $0 == UInt8(ascii: " ") })
      isListed = item.equals(word)
      rest = UnsafeBufferPointer(rebasing: rest.dropFirst(end + 1))
    }
    return isListed
  }

  /// True for a content type of gRPC: `application/grpc`, with or without suffix and parameters
  /// (gRPC, `doc/PROTOCOL-HTTP2.md`, Content-Type).
  package var isGRPCContentType: Bool {
    let type: StaticString = "application/grpc"
    let head = UnsafeBufferPointer(rebasing: prefix(type.utf8CodeUnitCount))
    guard head.equals(type) else { return false }
    guard count > head.count else { return true }
    return self[head.count] == UInt8(ascii: "+") || self[head.count] == UInt8(ascii: ";")
  }
}
