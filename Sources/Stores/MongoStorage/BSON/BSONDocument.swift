import EventModel

/// A BSON document, built here or read from the server.
///
/// The form is simple, and libbson's own iterator does not reach Swift, so documents are built
/// and read in place. Source: bsonspec.org, version 1.1.
struct BSONDocument: Equatable, Sendable {
  /// The whole document, from its length to its final zero. Damaged bytes read as a document that
  /// ends early.
  private(set) var bytes: Bytes

  /// An empty document.
  init() { bytes = [5, 0, 0, 0, 0] }

  /// A document from the server.
  init(_ bytes: some Sequence<UInt8>) { self.bytes = Bytes(bytes) }

  /// Appends a field.
  mutating func append(_ key: String, _ value: BSONValue) {
    bytes.removeLast()
    bytes.append(value.type.rawValue)
    bytes += key.utf8
    bytes.append(0)
    value.append(to: &bytes)
    bytes.append(0)
    bytes.withUnsafeMutableBytes {
      $0.storeBytes(of: Int32($0.count).littleEndian, as: Int32.self)
    }
  }

  /// Appends a field if the value is not nil.
  mutating func append(_ key: String, _ value: BSONValue?) {
    if let value { append(key, value) }
  }

  /// Appends another document's fields.
  mutating func append(contentsOf other: BSONDocument) {
    bytes.removeLast()
    bytes += other.bytes.dropFirst(4)
    bytes.withUnsafeMutableBytes {
      $0.storeBytes(of: Int32($0.count).littleEndian, as: Int32.self)
    }
  }

  /// The field's value; nil if it is missing, or of an unknown kind.
  subscript(key: String) -> BSONValue? {
    var key = key
    return key.withUTF8 { wanted in
      bytes.withUnsafeBytes { buffer in
        var scanner = BSONScanner(buffer)
        while let field = scanner.next() {
          if field.isNamed(wanted) { return BSONValue(field.type, buffer[field.content]) }
        }
        return nil
      }
    }
  }

  /// The fields' names, in order.
  var names: [String] {
    bytes.withUnsafeBytes { buffer in
      var names: [String] = []
      var scanner = BSONScanner(buffer)
      while let field = scanner.next() { names.append(String(decoding: field.name, as: UTF8.self)) }
      return names
    }
  }

  /// The values of an array's elements, or of all fields, in order.
  var values: [BSONValue] {
    bytes.withUnsafeBytes { buffer in
      var values: [BSONValue] = []
      var scanner = BSONScanner(buffer)
      while let field = scanner.next() {
        if let value = BSONValue(field.type, buffer[field.content]) { values.append(value) }
      }
      return values
    }
  }
}

extension BSONDocument: ExpressibleByDictionaryLiteral {
  init(dictionaryLiteral fields: (String, BSONValue)...) {
    self.init()
    for (key, value) in fields { append(key, value) }
  }
}
