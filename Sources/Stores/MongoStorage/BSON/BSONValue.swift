import EventModel

/// A field's value, of the kinds that this program stores or receives.
enum BSONValue: Equatable, Sendable {
  /// The byte in front of each field.
  enum Kind: UInt8 {
    case double = 1
    case string = 2
    case document = 3
    case array = 4
    case binary = 5
    case bool = 8
    case date = 9
    case null = 10
    case int32 = 16
    case int64 = 18
  }

  /// The subtype of binary data.
  enum Subtype {
    static let generic: UInt8 = 0
    static let uuid: UInt8 = 4
  }

  case double(Double)
  case string(String)
  case document(BSONDocument)
  case array(BSONDocument)
  case binary(Bytes, subtype: UInt8 = Subtype.generic)
  case bool(Bool)
  /// Milliseconds since 1970.
  case date(Int64)
  case null
  case int32(Int32)
  case int64(Int64)

  static func array(_ values: some Sequence<BSONValue>) -> BSONValue {
    var document = BSONDocument()
    for (index, value) in values.enumerated() { document.append(String(index), value) }
    return .array(document)
  }

  var type: Kind {
    switch self {
    case .double: .double
    case .string: .string
    case .document: .document
    case .array: .array
    case .binary: .binary
    case .bool: .bool
    case .date: .date
    case .null: .null
    case .int32: .int32
    case .int64: .int64
    }
  }
}

// MARK: - Bytes

extension BSONValue {
  func append(to bytes: inout Bytes) {
    switch self {
    case .double(let value): bytes.append(littleEndian: value.bitPattern)
    case .string(let text):
      bytes.append(littleEndian: Int32(text.utf8.count + 1))
      bytes += text.utf8
      bytes.append(0)
    case .document(let document), .array(let document): bytes += document.bytes
    case .binary(let content, let subtype):
      bytes.append(littleEndian: Int32(content.count))
      bytes.append(subtype)
      bytes += content
    case .bool(let value): bytes.append(value ? 1 : 0)
    case .null: break
    case .int32(let value): bytes.append(littleEndian: value)
    case .int64(let value), .date(let value): bytes.append(littleEndian: value)
    }
  }

  /// Decodes a field's content, which the scanner has measured.
  init?(_ type: UInt8, _ content: Slice<UnsafeRawBufferPointer>) {
    let buffer = UnsafeRawBufferPointer(rebasing: content)
    switch Kind(rawValue: type) {
    case .double: self = .double(Double(bitPattern: buffer.loadUnaligned(as: UInt64.self)))
    case .string: self = .string(String(decoding: buffer.dropFirst(4).dropLast(), as: UTF8.self))
    case .document: self = .document(BSONDocument(buffer))
    case .array: self = .array(BSONDocument(buffer))
    case .binary: self = .binary(Bytes(buffer.dropFirst(5)), subtype: buffer[4])
    case .bool: self = .bool(buffer[0] != 0)
    case .date: self = .date(Int64(littleEndian: buffer.loadUnaligned(as: Int64.self)))
    case .null: self = .null
    case .int32: self = .int32(Int32(littleEndian: buffer.loadUnaligned(as: Int32.self)))
    case .int64: self = .int64(Int64(littleEndian: buffer.loadUnaligned(as: Int64.self)))
    case nil: return nil
    }
  }
}

extension Bytes {
  fileprivate mutating func append(littleEndian value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}

// MARK: - Conversions

extension BSONValue {
  /// A whole number of any kind that tools and servers write.
  var integer: Int64? {
    switch self {
    case .int32(let value): Int64(value)
    case .int64(let value): value
    case .double(let value): Int64(exactly: value)
    default: nil
    }
  }

  var text: String? { if case .string(let text) = self { text } else { nil } }
  var bytes: Bytes? { if case .binary(let bytes, _) = self { bytes } else { nil } }
  var flag: Bool? { if case .bool(let flag) = self { flag } else { nil } }

  /// A document, or an array as a document of its elements.
  var document: BSONDocument? {
    switch self {
    case .document(let document), .array(let document): document
    default: nil
    }
  }
}

// MARK: - Literals

extension BSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral
{
  init(stringLiteral text: String) { self = .string(text) }
  init(integerLiteral number: Int64) { self = .int64(number) }
  init(booleanLiteral flag: Bool) { self = .bool(flag) }
  init(arrayLiteral values: BSONValue...) { self = .array(values) }

  init(dictionaryLiteral fields: (String, BSONValue)...) {
    var document = BSONDocument()
    for (key, value) in fields { document.append(key, value) }
    self = .document(document)
  }
}
