/// The JSON form of a schema's type, independent of the schema language.
public indirect enum JSONShape: Equatable, Sendable {
  case boolean
  /// A whole number; a 64-bit one may be shown as a string.
  case integer(ClosedRange<Int128>)
  /// A number, or one of the strings `NaN`, `Infinity` and `-Infinity`.
  case floating
  case string
  /// A string that encodes bytes.
  ///
  /// - count: the required number of bytes; nil: any.
  case bytes(ByteNotation, count: Int?)
  /// One of these strings.
  case enumeration([String])
  case list(JSONShape)
  /// An object with arbitrary member names.
  case map(JSONShape)
  /// An object with the fields of the record of this full name.
  case record(String)
  /// The shape, or null.
  case optional(JSONShape)
  /// A type with a notation of its own, by its name.
  case other(String)
}

/// How a string encodes bytes.
public enum ByteNotation: Equatable, Sendable {
  /// As in protobuf's JSON.
  case base64
  /// Each character from U+0000 to U+00FF is a byte, as in Avro's JSON.
  case latin
}

/// A field of a record.
public struct JSONField: Equatable, Sendable {
  /// The member's name in JSON.
  public let name: String
  /// The field's name in the schema.
  public let ownName: String
  public let shape: JSONShape
  /// True if a record without it is refused.
  public let isRequired: Bool
  /// True if a record may have no value for it.
  public let mayBeAbsent: Bool
  /// The value if JSON omits the field and it may not be absent; nil: it is always shown.
  public let zero: JSONValue?

  public init(
    _ name: String, ownName: String? = nil, _ shape: JSONShape, isRequired: Bool = false,
    mayBeAbsent: Bool = false, zero: JSONValue? = nil
  ) {
    self.name = name
    self.ownName = ownName ?? name
    self.shape = shape
    self.isRequired = isRequired
    self.mayBeAbsent = mayBeAbsent
    self.zero = zero
  }
}

extension JSONShape: CustomStringConvertible {
  /// The shape in words, for messages: fits behind "is" or "takes".
  public var description: String {
    switch self {
    case .boolean: "true or false"
    case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .floating: "a number"
    case .string: "a string"
    case .bytes(_, nil): "bytes"
    case .bytes(_, let count?): "\(count) bytes"
    case .enumeration(let symbols): "one of \(symbols.joined(separator: ", "))"
    case .list(let element): "a list (each \(element))"
    case .map(let value): "a map (each value \(value))"
    case .record(let name): "a record \(name)"
    case .optional(let shape): "\(shape), or null"
    case .other(let name): name
    }
  }
}
