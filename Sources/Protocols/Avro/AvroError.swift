/// Why a schema, a datum or a piece of JSON is not what it should be.
public struct AvroError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The place: `amount`, `lines[2].price`; empty: the whole.
  public private(set) var path: String
  /// What is wrong there.
  public let message: String

  package init(_ message: String, at path: String = "") {
    self.path = path
    self.message = message
  }

  public var description: String { path.isEmpty ? message : "\(path): \(message)" }

  /// The same, where the place is part of a larger one. A path that is long already grows no more.
  public func within(_ name: String) -> AvroError {
    guard path.utf8.count < AvroLimits.pathBytesMax else { return self }
    let isIndex = path.isEmpty || path.hasPrefix("[")
    return AvroError(message, at: isIndex ? name + path : "\(name).\(path)")
  }

  package func within(index: Int) -> AvroError { within("[\(index)]") }

  static let tooDeep = AvroError("nested deeper than \(AvroLimits.depthMax) levels")
}

/// What bounds the work that bytes of a stranger can ask for.
enum AvroLimits {
  /// Levels of records, arrays, maps and unions in each other.
  static let depthMax = 100
  /// Values of one datum. Items of an array may take no byte at all, so its bytes bound nothing.
  static let valuesMax = 1 << 20
  /// Bytes of a schema's text.
  static let schemaBytesMax = 1 << 20
  /// Named types of a schema.
  static let namedTypesMax = 1000
  /// Fields of a record, and symbols of an enum: they are searched one by one.
  static let partsMax = 1000
  /// From this length on, the path of an error gets no more parts in front.
  static let pathBytesMax = 1000
  /// Reasons that a comparison of schemas gives.
  static let reasonsMax = 100
}
