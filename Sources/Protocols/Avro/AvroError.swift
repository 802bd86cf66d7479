/// An error in a schema, a datum or JSON.
public struct AvroError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The place: `amount`, `lines[2].price`; empty: the whole.
  public private(set) var path: String
  /// The error.
  public let message: String

  package init(_ message: String, at path: String = "") {
    self.path = path
    self.message = message
  }

  public var description: String { path.isEmpty ? message : "\(path): \(message)" }

  /// The same error within a larger place. A long path does not grow further.
  public func within(_ name: String) -> AvroError {
    guard path.utf8.count < AvroLimits.pathBytesMax else { return self }
    let isIndex = path.isEmpty || path.hasPrefix("[")
    return AvroError(message, at: isIndex ? name + path : "\(name).\(path)")
  }

  package func within(index: Int) -> AvroError { within("[\(index)]") }

  static let tooDeep = AvroError("nested deeper than \(AvroLimits.depthMax) levels")
}

/// Bounds on the work that input can cause.
enum AvroLimits {
  /// Nesting of records, arrays, maps and unions.
  static let depthMax = 100
  /// Values of one datum. Items of an array may take no bytes, so its bytes are no bound.
  static let valuesMax = 1 << 20
  /// Bytes of a schema's text.
  static let schemaBytesMax = 1 << 20
  /// Named types of a schema.
  static let namedTypesMax = 1000
  /// Fields of a record, and symbols of an enum; searched linearly.
  static let partsMax = 1000
  /// Length beyond which an error's path gets no further parts in front.
  static let pathBytesMax = 1000
  /// Reasons in a comparison of schemas.
  static let reasonsMax = 100
}
