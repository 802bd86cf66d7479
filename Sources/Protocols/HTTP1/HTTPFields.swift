/// Header fields, in order. Names are case-insensitive (RFC 9110 section 5.1).
package struct HTTPFields: Sendable, Equatable {
  package private(set) var fields: [Field] = []

  package struct Field: Sendable, Equatable {
    package var name: String
    package var value: String
  }

  package init(_ fields: [(String, String)] = []) {
    for (name, value) in fields { append(name, value) }
  }

  package mutating func append(_ name: String, _ value: String) {
    fields.append(Field(name: name, value: value))
  }

  /// Replaces all fields of the name by one.
  package mutating func set(_ name: String, _ value: String) {
    fields.removeAll { Self.isSame($0.name, name) }
    append(name, value)
  }

  /// The values of all fields of a name, joined as one list (RFC 9110 section 5.3); nil if there
  /// is none.
  package subscript(name: String) -> String? {
    let values = fields.filter { Self.isSame($0.name, name) }.map(\.value)
    return values.isEmpty ? nil : values.joined(separator: ", ")
  }

  /// The number of fields of a name.
  package func count(of name: String) -> Int { fields.count { Self.isSame($0.name, name) } }

  private static func isSame(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count
      && zip(left.utf8, right.utf8).allSatisfy { lowered($0) == lowered($1) }
  }

  private static func lowered(_ byte: UInt8) -> UInt8 {
    (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
  }
}

extension HTTPFields: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (String, String)...) { self.init(elements) }
}
